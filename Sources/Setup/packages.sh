#!/bin/sh
# Makes sure that what is named (rocksdb, sqlite3, lmdb, absl_btree, chromium, valgrind) is there, and says what it
# installs.
# Asks nothing.
# Installs as root or through `sudo -n`. Without those rights it prints the one line to type and ends with 1.
set -eu

package_of() {
    case "$1" in
        rocksdb) echo librocksdb-dev ;;
        sqlite3) echo libsqlite3-dev ;;
        lmdb) echo liblmdb-dev ;;
        absl_btree) echo libabsl-dev ;;
        chromium) echo chromium ;;
        valgrind) echo valgrind ;;
        *)
            echo "packages.sh: unknown '$1'; known: rocksdb, sqlite3, lmdb, absl_btree, chromium, valgrind" >&2
            exit 64
            ;;
    esac
}

packages=''
command -v pkg-config >/dev/null 2>&1 || packages='pkg-config'
for library in "$@"; do
    package=$(package_of "$library")
    case "$library" in chromium | valgrind) command -v "$library" >/dev/null 2>&1 && continue ;; esac
    pkg-config --exists "$library" 2>/dev/null || packages="${packages:+$packages }$package"
done
[ -n "$packages" ] || exit 0

advice="to install what is missing, type: sudo apt-get update && sudo apt-get install -y $packages"
command -v apt-get >/dev/null 2>&1 || { echo "no apt-get here; install these by hand: $packages" >&2; exit 1; }
if [ "$(id -u)" = 0 ]; then
    as_root=''
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "$advice" >&2
    exit 1
fi

apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null; }
echo "installing $packages" >&2
# The lists may be there and fresh: they are fetched only when the first attempt fails.
# shellcheck disable=SC2086
apt install -y --no-install-recommends $packages >/dev/null 2>&1 && exit 0
echo 'fetching the package lists' >&2
# shellcheck disable=SC2086
apt update >&2 && apt install -y --no-install-recommends $packages >&2 && exit 0
echo "$advice" >&2
exit 1
