#!/bin/sh
# Prints the flags that build every engine whose library is there: `--traits RocksDB,SQLite`.
# With --missing: says instead which engines are left out, and the package each of them needs.
set -eu

traits=''
missing=''
probe() { # trait, pkg-config name, package
    if pkg-config --exists "$2" 2>/dev/null; then
        traits="${traits:+$traits,}$1"
    else
        missing="$missing $1:$3"
    fi
}
probe RocksDB rocksdb librocksdb-dev
probe SQLite sqlite3 libsqlite3-dev
probe LMDB lmdb liblmdb-dev
probe IndexPeers absl_btree libabsl-dev

if [ "${1:-}" = --missing ]; then
    for pair in $missing; do
        echo "built without ${pair%%:*}: install ${pair#*:} and run 'make build' again"
    done
elif [ -n "$traits" ]; then
    echo "--traits $traits"
else
    echo '--disable-default-traits'
fi
