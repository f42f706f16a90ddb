#!/bin/sh
# What the engine survives and how soon it is back, as Results/reliability.md: reliability.sh ALEXBENCH TORTURE
#
# A quarter of an hour. Times are of one machine; the counts of violations hold anywhere, with the seeds that they name.
# RESULTS  the folder (default: Results)
set -eu
alexbench=$1
torture=$2
report=${RESULTS:-Results}/reliability.md
commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -- Sources Package.swift)" ] || commit="$commit, with changes"

# What a command prints, and the command; a failure is told and does not hide the rest.
part() {
    echo "reliability: $*" >&2
    echo
    echo '```'
    echo "$*" | sed "s|$alexbench|alexbench|; s|$torture|alexstorage-torture|"
    "$@" </dev/null || echo "ended with $?"
    echo '```'
}

mkdir -p "$(dirname "$report")"
{
    echo '# Reliability, measured'
    echo
    echo "Made by 'make reliability' at commit $commit, $(date -u +%Y-%m-%d), on $(uname -srm),"
    echo "$(nproc) cores; edit nothing here by hand."
    echo
    echo '## Simulated power losses, kills and damaged stores'
    part "$torture" --power-losses 100000 --kills 200 --seed 1
    part "$torture" --flips 1
    echo
    echo '## Open to first read (E12)'
    part "$torture" --recovery 1000000
    part "$torture" --recovery 10000000
    echo
    echo '## Space and scans before and after compaction (E18)'
    part "$torture" --compaction 1000000
    echo
    echo '## What each class of each engine kept when its writer was killed'
    part "$alexbench" crash --kills 20 --durability process,power --no-progress
} >"$report.partial"
mv "$report.partial" "$report"
