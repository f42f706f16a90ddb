#!/bin/sh
# The main benchmark in one step: bench.sh SCALE BACKENDS [flag…]
# Installs what is missing, builds, runs `alexbench mixed`. Where a library can't be installed it runs the engines that
# can be built, with the floors beside them, and ends with what is missing and a non-zero code.
set -eu
scale=$1
backends=$2
shift 2
here=$(dirname "$0")
SWIFT=${SWIFT:-swift}

wanted=''
case ",$backends," in *,rocksdb*) wanted="$wanted rocksdb" ;; esac
case ",$backends," in *,sqlite*) wanted="$wanted sqlite3" ;; esac
case ",$backends," in *,lmdb*) wanted="$wanted lmdb" ;; esac
# shellcheck disable=SC2086
[ -z "$wanted" ] || sh "$here/packages.sh" $wanted || true

built=''
missing=''
for backend in $(echo "$backends" | tr ',' ' '); do
    engine=${backend%%-tuned}
    case "$engine" in
        sqlite) library=sqlite3 ;;
        rocksdb | lmdb) library=$engine ;;
        *) library='' ;;
    esac
    if [ -z "$library" ] || pkg-config --exists "$library" 2>/dev/null; then
        built="${built:+$built,}$backend"
    else
        case ", $missing," in *", $engine,"*) ;; *) missing="${missing:+$missing, }$engine" ;; esac
    fi
done
[ -z "$missing" ] || built="${built:+$built,}limit,hash-log"

traits=$(sh "$here/traits.sh")
echo "building: $SWIFT build -c release $traits" >&2
# shellcheck disable=SC2086
"$SWIFT" build -c release --product alexbench $traits >&2
binary="$("$SWIFT" build -c release --show-bin-path)/alexbench"

code=0
echo "running: alexbench mixed --scale $scale --backend $built $*" >&2
"$binary" mixed --scale "$scale" --backend "$built" "$@" || code=$?
if [ -n "$missing" ]; then
    echo "$missing missing"
    [ "$code" -ne 0 ] || code=1
fi
exit "$code"
