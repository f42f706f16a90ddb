#!/bin/sh
# Measures the learned index against Abseil's B-tree on all key sets, and prints targets X1 to X6, X8 and X10 beside
# what was measured. `make index-table SCALE=1M`; the samples stay in .build/index-SCALE.csv.
#
# index-table.sh BINARY SCALE [FLAG …]: further flags go to `alexbench index`, --repeats 3 for one.
set -eu
binary=$1
scale=$2
shift 2
folder=${RESULTS:-Results}
result=$folder/index-$scale.json
table=$folder/index-$scale-targets.md
samples=.build/index-$scale.csv
mkdir -p .build "$folder"
"$binary" index --scale "$scale" --keyset all --backend alex-index,absl-btree --format json --output "$result" "$@"
"$binary" report "$result" --format csv --output "$samples"
judge() {
    awk -F, -v scale="$scale" '
function median(list, n,    i, j, x) {
    for (i = 2; i <= n; i++) {
        x = list[i]
        for (j = i - 1; j >= 1 && list[j] > x; j--) list[j + 1] = list[j]
        list[j + 1] = x
    }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
# Medians over the repeats of one engine, and of the ratio of two cells of the same repeat.
function figure(row, engine, metric,    r, n, list) {
    n = 0
    for (r = 1; r <= repeats; r++) if ((row, engine, metric, r) in value) list[++n] = value[row, engine, metric, r]
    return n ? median(list, n) : -1
}
function ratio(row, metric, other_row, other, other_metric,    r, n, list) {
    n = 0
    for (r = 1; r <= repeats; r++)
        if ((row, "alex-index", metric, r) in value && (other_row, other, other_metric, r) in value)
            list[++n] = value[row, "alex-index", metric, r] / value[other_row, other, other_metric, r]
    return n ? median(list, n) : -1
}
function line(target, row, what, measured, limit) {
    if (measured < 0) return
    printf "| %s | %s | %s | %.3g | %s | %s |\n", target, row, what, measured, limit == "" ? "" : "≤ " limit, \
        limit == "" ? "" : measured <= limit + 0 ? "met" : "short"
}
function to_tree(target, row, metric, limit) {
    line(target, row, metric " ÷ B-tree", ratio(row, metric, row, "absl-btree", metric), limit)
}
NR > 1 {
    value[$1, $2, $8, $7] = $9
    if ($7 + 0 > repeats) repeats = $7 + 0
    split($1, part, "/")
    if (part[2] != "" && !(part[2] in seen)) { seen[part[2]] = 1; sets[++count] = part[2] }
}
END {
    large = scale == "10M"
    demands = "uniform 0.28 sequential 0.19 timestamps 0.23 lognormal 0.43 clusters 0.60 outliers 0.60 z-order 0.90"
    if (large)
        demands = "uniform 0.12 sequential 0.11 timestamps 0.10 lognormal 0.13 clusters 0.35 outliers 0.25 z-order 0.36"
    words = split(demands, word, " ")
    for (i = 1; i < words; i += 2) demand[word[i]] = word[i + 1]
    print "| target | row | figure | measured | demand | |"
    print "| :-- | :-- | :-- | --: | --: | :-- |"
    for (i = 1; i <= count; i++) {
        set = sets[i]
        to_tree("X1, X2", "lookup/" set, "ns_per_op", set in demand ? demand[set] : 1)
        to_tree("X2", "lookup/" set, "dependent_ns_per_op", 1)
        to_tree("X2", "lookup-miss/" set, "ns_per_op", 1)
        to_tree("X3", "insert-random/" set, "ns_per_op", large ? 0.4 : 0.75)
        to_tree("X3", "insert-append/" set, "ns_per_op", large ? 1 : 2)
        line("X3", "insert-append/" set, "lookup after ÷ after bulk load",
            ratio("insert-append/" set, "lookup_ns_per_op", "lookup/" set, "alex-index", "ns_per_op"), 1.2)
        line("X4", "insert-random/" set, "p9999_ns", figure("insert-random/" set, "alex-index", "p9999_ns"), 20000)
        line("X4", "insert-random/" set, "max_ns", figure("insert-random/" set, "alex-index", "max_ns"), 500000)
        line("X5", "bulk-load/" set, "bytes_per_key", figure("bulk-load/" set, "alex-index", "bytes_per_key"), 23)
        line("X5", "insert-random/" set, "bytes_per_key",
            figure("insert-random/" set, "alex-index", "bytes_per_key"), set in demand ? 24 : 40)
        line("X6", "lookup-batched/" set, "÷ one by one",
            ratio("lookup-batched/" set, "ns_per_op", "lookup/" set, "alex-index", "ns_per_op"), large ? 0.5 : "")
        to_tree("X8", "insert-descending/" set, "ns_per_op", 2)
        to_tree("X8", "insert-adversarial/" set, "ns_per_op", 2)
        line("X8", "insert-adversarial/" set, "bytes_per_key",
            figure("insert-adversarial/" set, "alex-index", "bytes_per_key"), 40)
        to_tree("X8", "remove/" set, "ns_per_op", 2)
        to_tree("X8", "scan-100/" set, "ns_per_op", 2)
        line("X10", "bulk-load/" set, "ns_per_op", figure("bulk-load/" set, "alex-index", "ns_per_op"),
            large ? "" : 60)
        line("E16", "lookup-beside-writer/" set, "time alone ÷ time beside, at least 0.85",
            figure("lookup-beside-writer/" set, "alex-index", "share_of_alone"), "")
    }
}' "$samples"
}
{
    echo "# The learned index beside its targets, $scale keys"
    echo
    echo "Made by 'make index-table SCALE=$scale${*:+ FLAGS=\"$*\"}' from [index-$scale.json](index-$scale.json):"
    echo 'medians of the repeats, ratios of times inside one repeat. Edit nothing here by hand.'
    echo
    judge
} >"$table"
cat "$table"
