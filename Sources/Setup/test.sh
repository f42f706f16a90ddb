#!/bin/sh
# Builds and runs all tests with every engine whose library is there, and says what it left out.
set -eu
here=$(dirname "$0")
SWIFT=${SWIFT:-swift}
traits=$(sh "$here/traits.sh")
echo "$SWIFT test $traits" >&2
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
echo 1 >"$log/code"
# shellcheck disable=SC2086
{ code=0; "$SWIFT" test $traits || code=$?; echo "$code" >"$log/code"; } 2>&1 | tee "$log/output"
code=$(cat "$log/code")
sh "$here/traits.sh" --missing | sed 's/^built without/left out:/; s/make build/make test/' >&2
echo "left out: the report's pages in a browser; to run it, type: make browser-test" >&2
if [ "$code" != 0 ]; then
    echo 'what failed:' >&2
    grep -E '✘ .*recorded an issue|✘ Test .* failed after|error: ' "$log/output" >&2 || tail -n 20 "$log/output" >&2
fi
exit "$code"
