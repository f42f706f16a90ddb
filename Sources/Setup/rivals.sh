#!/bin/sh
# Builds RocksDB without assertions from the distribution's own source package into .rivals/, once.
#
# Debian compiles librocksdb with its assertions on, which makes it 1.4 to 1.8 times slower than it need be. No ratio
# is published against that build. Steps:
#   1. nothing to do when .rivals/ is complete;
#   2. install what the build needs;
#   3. fetch the source package through a private apt state, made from the machine's own sources: the system's apt
#      configuration and lists are neither used up nor changed;
#   4. compile the static library with NDEBUG and native instructions (every doubt to the rival);
#   5. lay out .rivals/{include,lib,pkgconfig}, the pkg-config file last: it marks the folder as complete.
#
# RIVALS_DIR    where to put it (default: .rivals beside Package.swift)
# RIVALS_BUILD  a folder that holds or will hold the source and the build; kept, so that a later run goes on from it
#               (default: a temporary folder, removed at the end)
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
rivals=${RIVALS_DIR:-$root/.rivals}
packages="cmake make g++ pkg-config libsnappy-dev liblz4-dev libzstd-dev zlib1g-dev dpkg-dev"

say() { echo "rivals: $*"; }
fail() {
    echo "rivals: $*" >&2
    exit 1
}

# 2. The build's own needs.
install_packages() {
    missing=""
    for package in $packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        become=""
    elif sudo -n true 2>/dev/null; then
        become="sudo -n"
    else
        fail "missing:$missing. Type: sudo apt-get update && sudo apt-get install -y$missing"
    fi
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # The lists may be absent or old, so a first refusal is no failure yet.
    # shellcheck disable=SC2086
    $become apt-get -qq install -y --no-install-recommends $missing >/dev/null 2>&1 </dev/null || {
        $become apt-get -qq update
        # shellcheck disable=SC2086
        $become apt-get -qq install -y --no-install-recommends $missing </dev/null
    }
}

# 3. The machine's sources, binary ones turned into source ones, in a private folder.
write_source_lists() {
    mkdir -p "$1"
    found=0
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        sed 's/^Types:.*/Types: deb-src/' "$file" >"$1/$(basename "$file")"
        found=1
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        # A line of either kind gives one source line; apt does not mind the same line twice.
        sed -n 's/^[[:space:]]*deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' "$file" | sort -u >"$1/$(basename "$file")"
        found=1
    done
    [ "$found" = 1 ] || fail "no apt sources on this machine: RocksDB's source package can't be found"
}

fetch_source() {
    state=$work/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    write_source_lists "$state/parts"
    set -- -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$state/parts" \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o APT::Sandbox::User="$(id -un)"
    say "reading the source lists"
    # One source without source packages must not stop the others.
    apt-get "$@" -qq update || say "some sources could not be read; going on with the rest"
    say "fetching the source package"
    (cd "$work" && apt-get "$@" -qq source rocksdb)
}

source_folder() {
    for folder in "$work"/rocksdb-*/; do
        [ -f "$folder/include/rocksdb/c.h" ] && echo "${folder%/}" && return 0
    done
    return 1
}

# 4.
compile() {
    [ -f "$source/build/librocksdb.a" ] && say "taking the library that is built in $source/build" && return 0
    say "compiling $(basename "$source") without assertions: about 10 minutes on 2 cores"
    cmake -S "$source" -B "$source/build" -DCMAKE_BUILD_TYPE=Release -DPORTABLE=0 \
        -DROCKSDB_BUILD_SHARED=OFF -DFAIL_ON_WARNINGS=OFF -DWITH_TESTS=OFF -DWITH_ALL_TESTS=OFF -DWITH_TOOLS=OFF \
        -DWITH_CORE_TOOLS=OFF -DWITH_BENCHMARK_TOOLS=OFF -DWITH_GFLAGS=OFF -DWITH_LIBURING=OFF \
        -DWITH_SNAPPY=ON -DWITH_LZ4=ON -DWITH_ZSTD=ON -DWITH_ZLIB=ON >"$work/cmake.log" 2>&1 || {
        tail -n 20 "$work/cmake.log" >&2
        fail "cmake failed"
    }
    make -C "$source/build" -j"$(nproc)" rocksdb >"$work/make.log" 2>&1 || {
        tail -n 20 "$work/make.log" >&2
        fail "the compiler failed"
    }
}

# 5.
lay_out() {
    version=${source##*/rocksdb-}
    if nm "$source/build/librocksdb.a" 2>/dev/null | grep -q __assert_fail; then
        fail "$source/build/librocksdb.a has its assertions on: remove that folder and run this again"
    fi
    rm -rf "$rivals"
    mkdir -p "$rivals/include" "$rivals/lib" "$rivals/pkgconfig"
    cp -R "$source/include/rocksdb" "$rivals/include/"
# A name of its own: under `rocksdb` the linker would find the system's shared library first, as the folders of the
    # other engines' libraries stand before this one.
    library=$rivals/lib/librocksdb_release.a
    cp "$source/build/librocksdb.a" "$library"
    # The marker by which a program knows this build goes into the object that holds the C functions, so that whoever
    # links them links it too.
    (
        cd "$rivals/lib"
        ar x "$library" c.cc.o
        echo "const char rocksdb_release_build_version[] = \"$version\";" | cc -c -x c -o marker.o -
        ld -r -o marked.o c.cc.o marker.o
        ar d "$library" c.cc.o
        ar rs "$library" marked.o
        rm c.cc.o marker.o marked.o
    )
    cat >"$rivals/pkgconfig/rocksdb.pc" <<END
prefix=\${pcfiledir}/..
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: rocksdb
Description: RocksDB, built without assertions
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lrocksdb_release -lstdc++ -lsnappy -llz4 -lzstd -lz -lpthread -ldl -lm
END
    say "RocksDB $version without assertions is in $rivals"
    say "'make build' links it from now on"
}

if [ -f "$rivals/pkgconfig/rocksdb.pc" ] && [ -f "$rivals/lib/librocksdb_release.a" ]; then
    say "nothing to do: $rivals is complete (remove it to build anew)"
    exit 0
fi
command -v apt-get >/dev/null 2>&1 || fail "no apt-get here: this script needs a Debian machine"
if [ -n "${RIVALS_BUILD:-}" ]; then
    mkdir -p "$RIVALS_BUILD"
    work=$(CDPATH='' cd -- "$RIVALS_BUILD" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
fi
install_packages
source=$(source_folder) || {
    fetch_source
    source=$(source_folder) || fail "the source package of RocksDB did not arrive"
}
compile
lay_out
