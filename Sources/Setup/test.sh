#!/bin/sh
# Builds and runs all tests with every engine whose library is there, and says what it left out.
set -eu
here=$(dirname "$0")
SWIFT=${SWIFT:-swift}
traits=$(sh "$here/traits.sh")
echo "$SWIFT test $traits" >&2
code=0
# shellcheck disable=SC2086
"$SWIFT" test $traits || code=$?
sh "$here/traits.sh" --missing | sed 's/^built without/left out:/; s/make build/make test/' >&2
exit "$code"
