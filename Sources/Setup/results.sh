#!/bin/sh
# Measures every result that the reports want, into Results/: results.sh BINARY [--fresh] [--only NAME] [--quick]
#
# A result that is whole and has every engine of its line here that this binary holds is left alone, whichever commit,
# machine or number of repeats it is of: its file says that. One that lacks an engine is measured anew, and stays until
# the new one is whole. One of 'alexbench run' that stopped goes on from its last whole repeat, if program and machine
# are the same; if they are not, it is named at the end, and the script ends with 1.
# --fresh  measures what is there anew
# --only   just the results whose name begins so: phase, explain, insert, mixed, query, ycsb-a, gates, …
# --quick  every line of the list once, at 2K records, into the folder named by RESULTS: to see that all of it runs
# RESULTS  the folder (default: Results)
# REPEATS  of what is not at 10M or more (default: 10)
#
# A guess of the times on 2 cores with ten repeats, minutes: phase 100K 6, 1M 25, 10M (3 repeats) 25; growth and gauge
# 15; explain 25; insert, mixed and query at 100K 12, at 1M 40, at 10M (3 repeats) 90; growth over the sizes 20; threads
# 10; the other workloads 45; 100M keys 3; gates 8; the index alone at 1M 15, at 10M 30, at 100M 2. About six hours.
# Where control groups can be made, scarce-memory comes on top, with a wait for the disk in most of its operations.
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
if [ -n "$quick" ] && [ "$folder" = Results ]; then
    echo 'results.sh: --quick needs RESULTS, a folder for what is no result' >&2
    exit 64
fi
mkdir -p "$folder"

rungs=alex-phase-foundation,alex-phase-deferred,alex-phase-zero-copy,alex-phase-key-first
growths=alex-phase-foundation,alex-phase-deferred-1m,alex-phase-deferred-4m,alex-phase-deferred,alex-phase-deferred-64m
gauges=rocksdb-alex,rocksdb-alex-gauge,rocksdb-alex-gauge-3,alex-phase-deferred,alex-phase-zero-copy
engines=alex,rocksdb-alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned
all=alex,rocksdb-alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb,lmdb-tuned,limit,hash-log
common=alex,rocksdb,rocksdb-tuned,sqlite,sqlite-tuned,lmdb-tuned
large=alex,rocksdb-alex,rocksdb-tuned,sqlite,sqlite-tuned,lmdb-tuned
growing=alex,rocksdb-tuned,sqlite-tuned,lmdb-tuned
tens="--repeats ${REPEATS:-10}"
few='--repeats 3'
once='--repeats 1'
receipts=''
if [ -n "$quick" ]; then
    tens=$once
    few=$once
    # They take longer than all the rest.
    receipts='--no-receipts'
fi

# What to ask for where the list says so many records.
size() { if [ -n "$quick" ]; then echo 2K; else echo "$1"; fi }

# The file of a workload; with --quick a copy of it that is small.
workload_file() {
    if [ -z "$quick" ]; then
        echo "Workloads/$1.json"
        return
    fi
    mkdir -p "$folder/.workloads"
    sed -e 's/"records": [0-9]*/"records": 2000/' -e 's/"operations": [0-9]*/"operations": 200/' \
        "Workloads/$1.json" >"$folder/.workloads/$1.json"
    echo "$folder/.workloads/$1.json"
}

# Engines of the list that this binary holds.
known=$("$binary" list --format csv | awk -F, '$2 == "built" { print $1 }')
built() {
    list=''
    for name in $(echo "$1" | tr ',' ' '); do
        for there in $known; do [ "$name" != "$there" ] || list="${list:+$list,}$name"; done
    done
    echo "$list"
}

# Engines of the list of which a result has no figure, nor a reason for none.
lacking() {
    list=''
    for name in $(echo "$2" | tr ',' ' '); do
        grep -q "\"backend\":\"$name\"" "$1" || list="${list:+$list,}$name"
    done
    echo "$list"
}

# The value of --backend among the words.
asked() {
    while [ $# -gt 1 ]; do
        if [ "$1" = --backend ]; then
            echo "$2"
            return
        fi
        shift
    done
}

wanted() { case "$1" in "$only"*) return 0 ;; *) return 1 ;; esac }

say() { echo "results: $*" >&2; }

# Whether a result is to be measured from its first repeat on.
is_due_anew() { # name, engines
    [ -f "$folder/$1.json" ] || return 0
    if [ -n "$fresh" ]; then return 0; fi
    lack=$(lacking "$folder/$1.json" "$2")
    if [ -z "$lack" ]; then return 1; fi
    say "$1: lacks $lack; measured anew"
}

# Whether a control group that bounds memory can be made: in the own one in the first version of them, in the one above
# it in the second. The root of the second has no limit itself; a container's has one, and processes, so it is no use.
limits() {
    first=$(sed -n 's/^[0-9]*:\([^:]*,\)*memory\(,[^:]*\)*://p' /proc/self/cgroup 2>/dev/null || true)
    second=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null || true)
    if [ -n "$first" ]; then [ -w "/sys/fs/cgroup/memory${first%/}/cgroup.procs" ] && return 0; fi
    case "$second" in
        '') return 1 ;;
        /) [ -w /sys/fs/cgroup/cgroup.procs ] && [ ! -e /sys/fs/cgroup/memory.max ] ;;
        *) [ -w "/sys/fs/cgroup${second%/*}/cgroup.procs" ] ;;
    esac
}

failed=''

# A workload file, on a store for each engine: resumable by itself. What replaces another grows up beside it.
workload() { # name, engines, flags
    wanted "$1" || return 0
    say "$1"
    list=$(built "$2")
    target=$folder
    if [ -f "$folder/$1.json" ] && is_due_anew "$1" "$list"; then target=$folder/.anew; fi
    [ -z "$fresh" ] || rm -f "$folder/.anew/$1.json"
    code=0
    # shellcheck disable=SC2086
    "$binary" run "$(workload_file "$1")" --output-dir "$target" --resume --no-progress --backend "$list" $3 \
        $receipts || code=$?
    case "$code" in
        0) [ "$target" = "$folder" ] || mv "$target/$1.json" "$folder/$1.json" ;;
        # Another run's, and not whole: the program has said so.
        6) failed="$failed $target/$1.json" ;;
        *) exit "$code" ;;
    esac
}

# Any other command that writes a result, which appears under its name when it is whole.
result() { # name, command and its flags
    name=$1
    wanted "$name" || return 0
    shift
    if ! is_due_anew "$name" "$(asked "$@")"; then
        say "$name: there, left as it is"
        return 0
    fi
    case "$1" in
        insert | mixed | query)
            # shellcheck disable=SC2086
            set -- "$@" $receipts
            ;;
    esac
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

workload phase "$rungs,$engines" "$tens"
workload phase-1m "$rungs,$engines" "$tens"
workload phase-10m "$rungs,$engines" "$few"
workload phase-growth "$growths" "$tens"
workload phase-gauge "$gauges" "$tens"

# shellcheck disable=SC2086
{
    scale=$(size 100K)
    result explain-query-foundation-100K explain query --scale $scale --backend alex-phase-foundation $tens
    result explain-insert-foundation-100K explain insert --scale $scale --backend alex-phase-foundation $tens
    if [ -n "$(built rocksdb-alex)" ]; then
        result explain-query-rocksdb-alex-100K explain query --scale $scale --backend rocksdb-alex $tens
    fi
    scale=$(size 1M)
    result explain-query-deferred-1M explain query --scale $scale --backend alex-phase-deferred $tens
    result explain-query-zero-copy-1M explain query --scale $scale --backend alex-phase-zero-copy $tens
    result explain-query-alex-1M explain query --scale $scale --backend alex $tens
    for records in 100K 1M; do
        scale=$(size $records)
        result insert-$records insert --scale $scale --backend "$(built $all)" $tens
        result mixed-$records mixed --scale $scale --backend "$(built $all)" $tens
        result query-$records query --scale $scale --backend "$(built $all)" $tens
    done
    scale=$(size 1M)
    # One engine a process: the resident memory of the first row is its own.
    result insert-alex-1M insert --scale $scale --backend alex $once
    if [ -n "$(built rocksdb-alex)" ]; then
        result insert-rocksdb-alex-1M insert --scale $scale --backend rocksdb-alex $once
    fi
    result absent-keys-1M query --scale $scale \
        --backend "$(built alex,alex-no-checks,alex-filter,rocksdb-tuned,lmdb-tuned)" $tens
    result scan-compacted-1M query --scale $scale \
        --backend "$(built alex,alex-compacted,rocksdb-tuned,lmdb-tuned)" $tens
    result checks-1000 query --scale $scale --value-size 1000 --backend alex,alex-no-checks $tens
    scale=$(size 10M)
    # One by one, SQLite alone would take 20 minutes a repeat.
    result insert-10M insert --scale $scale --workload load-random,load-sequential --backend "$(built $large)" $few
    result query-10M query --scale $scale --scan-length 1000 \
        --backend "$(built $large,two-reads,limit,hash-log)" $few
    # How cost grows with the records, and what more readers get.
    sizes=1K,10K,100K,1M,10M
    most=$sizes,100M
    [ -z "$quick" ] || { sizes=1K,2K; most=$sizes; }
    result scale scale --scales $sizes --backend "$(built $growing)" $few
    # A hundred million of 100 bytes would not fit the memory.
    result scale-100M scale --scales $most --value-size 16 --backend alex $once
    result query-threads query --scale "$(size 1M)" --threads 1,2,4,8 --backend "$(built $growing)" $tens
}
workload ycsb-a "$common,hash-log" "$tens"
workload bulk-load "$common,lmdb,limit,hash-log" "$tens"
workload multi-get "$common,hash-log" "$tens"
workload multi-get-10m alex,rocksdb-tuned,sqlite-tuned,lmdb-tuned "$few"
workload commit "$common" "--durability power --threads 1,2,4,8,16,32,64 $tens"
workload hot-reads alex,alex-lru,alex-foreseeing "$tens"
workload compaction alex,alex-no-compaction "--schedule sequential $tens"
workload reader-beside-writer alex "--threads 2 $tens"
workload load-100m alex "$once"
if limits; then
    workload scarce-memory alex,alex-compacted,rocksdb-tuned,sqlite-tuned,lmdb-tuned \
        "--memory-limit 512Mi --memory 256Mi $few"
elif wanted scarce-memory; then
    say 'scarce-memory: left out, for no control group can be made here'
fi

# The learned index alone; the B-tree needs the trait IndexPeers (libabsl-dev).
table=uniform,sequential,timestamps,lognormal,clusters,outliers,z-order
# All sets in two results, so that each stays below 1 MiB: those that are natural, and those made to be hard.
natural=$table,exponential,exponential-steps,full-range,two-far
hard=alternating-ends,bit-reversed,zig-zag,one-far,extremes,dense-far
hard=$hard,held-out-hilbert,held-out-pareto,held-out-normal,held-out-steps
peers=alex-index,absl-btree
"$binary" index --backend $peers --dry-run >/dev/null 2>&1 || peers=alex-index
rows=bulk-load,lookup,lookup-miss,lookup-batched,insert-random,insert-batch,insert-append
# shellcheck disable=SC2086
{
    result index-1M index --scale "$(size 1M)" --keyset $natural --backend "$peers" $few
    result index-hard-1M index --scale "$(size 1M)" --keyset $hard --backend "$peers" $few
    result index-10M index --scale "$(size 10M)" --keyset $table --workload $rows --backend "$peers" $few
    result index-100M index --scale "$(size 100M)" --keyset uniform,z-order --workload bulk-load,lookup \
        --backend "$peers" $once
}
# shellcheck disable=SC2086
result gates gates "$folder" --scale "$(size 1M)" $tens
rm -rf "$folder/.workloads"
rmdir "$folder/.anew" 2>/dev/null || true
if [ -n "$failed" ]; then
    for file in $failed; do
        say "$file: another program's or machine's, and not whole; remove it and type 'make results' again"
    done
    exit 1
fi
say "all there; 'make report' makes the reports of them"
