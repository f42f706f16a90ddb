#!/bin/sh
# Opens the pages of the committed results, and of one with every kind of chart, in a browser; then breaks the page in
# several ways and makes sure that each is noticed.
#
#     browser-test.sh ALEXBENCH
set -eu
here=$(dirname "$0")
binary=$1
sh "$here/packages.sh" chromium
work=$(mktemp -d "${TMPDIR:-/tmp}/browser-test-XXXXXX")
trap 'rm -rf "$work"' EXIT

"$binary" report Results --format html --output "$work/results.html"
"$binary" report Tests/BenchmarkKitTests/Golden/pictures.json --format html --output "$work/pictures.html"
sh "$here/browser.sh" "$work/results.html" "$work/pictures.html"

# broken NAME SED-PROGRAM FINDING: the page, changed like this, must fail with this finding.
broken() {
    sed "$2" "$work/pictures.html" >"$work/$1.html"
    if sh "$here/browser.sh" "$work/$1.html" >"$work/out"; then
        echo "browser-test.sh: nobody noticed the page with $1" >&2
        exit 1
    fi
    grep -q "$3" "$work/out" || { echo "browser-test.sh: $1 was taken for: $(cat "$work/out")" >&2; exit 1; }
    echo "noticed: $1"
}
broken script-error 's|</body>|<script>nothingIsCalledThis()</script></body>|' 'script error'
broken empty-charts 's/class="bar"/class="gone"/g' 'empty chart'
broken flat-bars 's/\(class="bar" [^>]* width=\)"[^"]*"/\1"0"/g' 'invisible bar'
broken large-text 's/svg.chart{font:12px/svg.chart{font:19px/' 'cut word'
broken wide-page 's/max-width:1120px/min-width:2000px/' 'wider than the window'
