#!/bin/sh
# Measures every result that the reports want, into Results/: results.sh BINARY [--fresh] [--only NAME] [--quick]
#
# Resumable: a result that is there and whole is left alone, one of 'alexbench run' goes on from its last whole repeat.
# --fresh  measures what is there anew
# --only   just the results whose name begins so: phase, explain, insert, mixed, query, ycsb-a, gates, …
# --quick  few repeats of small sizes into the folder named by RESULTS: to see that all of it runs
# RESULTS  the folder (default: Results)
# REPEATS  of what is not at 10M or more (default: 10)
#
# On 2 cores and ten repeats: phase 100K 6 minutes, 1M 25, 10M 3 repeats 40; growth and gauge 10; explain 25; insert,
# mixed and query at 100K 6, at 1M 40, at 10M (3 repeats) 60; the other workloads 35; 100M keys 10; gates 8; the index
# alone at 1M 15, at 10M 40, at 100M 5. About five hours in all.
set -eu

binary=$1
shift
fresh=''
only=''
quick=''
while [ $# -gt 0 ]; do
    case "$1" in
        --fresh) fresh=1 ;;
        --quick) quick=1 ;;
        --only) only=${2:?--only needs a name}; shift ;;
        *) echo "results.sh: unknown '$1'; known: --fresh, --only NAME, --quick" >&2; exit 64 ;;
    esac
    shift
done
folder=${RESULTS:-Results}
mkdir -p "$folder"

rungs=alex-phase-foundation,alex-phase-deferred,alex-phase-zero-copy,alex-phase-key-first
growths=alex-phase-foundation,alex-phase-deferred-1m,alex-phase-deferred-4m,alex-phase-deferred,alex-phase-deferred-64m
engines=alex,rocksdb-alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned
all=alex,rocksdb-alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb,lmdb-tuned,limit,hash-log
common=alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb-tuned
large=alex,rocksdb-alex,rocksdb-tuned,sqlite,sqlite-tuned,lmdb-tuned
tens="--repeats ${REPEATS:-10}"
few="--repeats 3"
small=''
if [ -n "$quick" ]; then
    tens="--repeats 1"
    few="--repeats 1"
    small=1
fi

# Engines of the list that this binary holds.
built() {
    known=$("$binary" list --format csv | awk -F, '$2 == "built" { print $1 }')
    list=''
    for name in $(echo "$1" | tr ',' ' '); do
        for there in $known; do [ "$name" != "$there" ] || list="${list:+$list,}$name"; done
    done
    echo "$list"
}

wanted() { case "$1" in "$only"*) return 0 ;; *) return 1 ;; esac }

say() { echo "results: $*" >&2; }

# A workload file, on a store for each engine: resumable by itself.
workload() {
    wanted "$1" || return 0
    [ -z "$fresh" ] || rm -f "$folder/$1.json"
    say "$1"
    # shellcheck disable=SC2086
    "$binary" run "Workloads/$1.json" --output-dir "$folder" --resume --no-progress --backend "$(built "$2")" $3
}

# Any other command that writes a result: left alone when it is there. The file appears under its name when it is whole.
result() {
    name=$1
    wanted "$name" || return 0
    if [ -z "$fresh" ] && [ -f "$folder/$name.json" ]; then
        say "$name: there, left as it is"
        return 0
    fi
    shift
    say "$name"
    code=0
    "$binary" "$@" --format json --output "$folder/.$name.partial" --no-progress || code=$?
    # 2 is a gate that is not met, which is a result.
    if [ "$code" != 0 ] && [ "$code" != 2 ]; then
        rm -f "$folder/.$name.partial"
        exit "$code"
    fi
    mv "$folder/.$name.partial" "$folder/$name.json"
}

if [ -n "$small" ]; then
    if [ "$folder" = Results ]; then
        echo 'results.sh: --quick needs RESULTS, a folder for what is no result' >&2
        exit 64
    fi
    scale=2K
    # shellcheck disable=SC2086
    result explain-query-foundation explain query --scale $scale --ops 2K $tens
    # shellcheck disable=SC2086
    result explain-insert-foundation explain insert --scale $scale --ops 1K $tens
    # shellcheck disable=SC2086
    result insert-1M insert --scale $scale --backend "$(built alex,limit,sqlite)" $tens
    # shellcheck disable=SC2086
    result index-1M index --scale $scale --keyset uniform,z-order --backend alex-index,sorted-array $tens
    # shellcheck disable=SC2086
    result gates gates "$folder" --scale $scale $tens
    exit 0
fi

workload phase "$rungs,$engines" "$tens"
workload phase-1m "$rungs,$engines" "$tens"
workload phase-10m "$rungs,$engines" "$few"
workload phase-growth "$growths" "$tens"
workload phase-gauge rocksdb-alex,rocksdb-alex-gauge,rocksdb-alex-gauge-3 "$tens"

# shellcheck disable=SC2086
{
    result explain-query-foundation-100K explain query --scale 100K --backend alex-phase-foundation $tens
    result explain-insert-foundation-100K explain insert --scale 100K --backend alex-phase-foundation $tens
    if [ -n "$(built rocksdb-alex)" ]; then
        result explain-query-rocksdb-alex-100K explain query --scale 100K --backend rocksdb-alex $tens
    fi
    result explain-query-deferred-1M explain query --scale 1M --backend alex-phase-deferred $tens
    result explain-query-zero-copy-1M explain query --scale 1M --backend alex-phase-zero-copy $tens
    result explain-query-alex-1M explain query --scale 1M --backend alex $tens
    for scale in 100K 1M; do
        result insert-$scale insert --scale $scale --backend "$(built $all)" $tens
        result mixed-$scale mixed --scale $scale --backend "$(built $all)" $tens
        result query-$scale query --scale $scale --backend "$(built $all)" $tens
    done
    result absent-keys-1M query --scale 1M \
        --backend "$(built alex,alex-no-checks,alex-filter,rocksdb-tuned,lmdb-tuned)" $tens
    result scan-compacted-1M query --scale 1M --backend "$(built alex,alex-compacted,rocksdb-tuned,lmdb-tuned)" $tens
    result checks-1000 query --scale 1M --value-size 1000 --backend alex,alex-no-checks $tens
    result insert-10M insert --scale 10M --backend "$(built $large)" $few
    result query-10M query --scale 10M --scan-length 1000 --backend "$(built $large)" $few
}
workload ycsb-a "$common,hash-log" "$tens"
workload bulk-load "$common,limit,hash-log" "$tens"
workload multi-get "$common,hash-log" "$tens"
workload multi-get-10m alex,rocksdb-tuned,sqlite-tuned,lmdb-tuned "$few"
workload commit "$common" "--durability power --threads 1,64 $tens"
workload hot-reads alex,alex-lru,alex-foreseeing "$tens"
workload compaction alex,alex-no-compaction "--schedule sequential $tens"
workload reader-beside-writer alex "--threads 2 $tens"
workload load-100m alex "--repeats 1"

# The learned index alone; the B-tree needs the trait IndexPeers (libabsl-dev).
table=uniform,sequential,timestamps,lognormal,clusters,outliers,z-order
peers=alex-index,absl-btree
"$binary" index --backend $peers --dry-run >/dev/null 2>&1 || peers=alex-index
rows=bulk-load,lookup,lookup-miss,lookup-batched,insert-random,insert-append
# shellcheck disable=SC2086
{
    result index-1M index --scale 1M --keyset all --backend "$peers" $few
    result index-10M index --scale 10M --keyset $table --workload $rows --backend "$peers" $few
    result index-100M index --scale 100M --keyset uniform,z-order --workload bulk-load,lookup --backend "$peers" \
        --repeats 1
}
# shellcheck disable=SC2086
result gates gates "$folder" $tens
say "all there; 'make report' makes the reports of them"
