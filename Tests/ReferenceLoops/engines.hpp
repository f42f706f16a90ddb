// The engines as a C++ program would use them, with the options of alexbench's adapters in class process.
// Each has: put, load (one batch), get and scan with a callback of (key, bytes, count), settle.
#pragma once
#include <lmdb.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "stream.hpp"

inline void require(bool isFine, const char *what) {
    if (isFine) return;
    fprintf(stderr, "loops: %s failed\n", what);
    exit(1);
}

struct RocksDBEngine {
    std::unique_ptr<rocksdb::DB> database;
    rocksdb::WriteOptions writing;
    rocksdb::ReadOptions reading;
    rocksdb::WriteBatch batch;

    RocksDBEngine(const std::string &folder, bool isTuned, uint64_t) {
        rocksdb::Options options;
        options.create_if_missing = true;
        if (isTuned) {
            rocksdb::BlockBasedTableOptions table;
            table.block_cache = rocksdb::NewLRUCache(1 << 30);
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
            table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
            options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
            options.compression = rocksdb::kNoCompression;
            options.allow_concurrent_memtable_write = false;
            options.IncreaseParallelism(2);
        }
        rocksdb::DB *opened = nullptr;
        require(rocksdb::DB::Open(options, folder, &opened).ok(), "open");
        database.reset(opened);
    }

    static uint64_t encode(int64_t key) { return __builtin_bswap64(uint64_t(key) ^ (1ull << 63)); }
    static rocksdb::Slice slice(const uint64_t &word) { return {reinterpret_cast<const char *>(&word), 8}; }

    void put(int64_t key, const uint8_t *bytes, size_t count) {
        uint64_t word = encode(key);
        auto status = database->Put(writing, slice(word), {reinterpret_cast<const char *>(bytes), count});
        require(status.ok(), "put");
    }

    void load(const Stream &stream) {
        batch.Clear();
        for (auto &operation : stream.operations) {
            uint64_t word = encode(operation.key);
            auto bytes = reinterpret_cast<const char *>(stream.values.data() + operation.valueOffset);
            batch.Put(slice(word), {bytes, operation.length});
        }
        require(database->Write(writing, &batch).ok(), "batch");
    }

    template <class Body> bool get(int64_t key, Body body) {
        uint64_t word = encode(key);
        rocksdb::PinnableSlice pinned;
        if (!database->Get(reading, database->DefaultColumnFamily(), slice(word), &pinned).ok()) return false;
        body(key, pinned.data(), pinned.size());
        return true;
    }

    template <class Body> void scan(int64_t key, uint32_t limit, Body body) {
        uint64_t word = encode(key);
        std::unique_ptr<rocksdb::Iterator> iterator(database->NewIterator(reading));
        for (iterator->Seek(slice(word)); limit && iterator->Valid(); iterator->Next(), --limit) {
            memcpy(&word, iterator->key().data(), 8);
            int64_t found = int64_t(__builtin_bswap64(word) ^ (1ull << 63));
            body(found, iterator->value().data(), iterator->value().size());
        }
    }

    void settle() {
        require(database->Flush(rocksdb::FlushOptions()).ok(), "flush");
        require(database->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok(), "compact");
    }
};

struct SQLiteEngine {
    sqlite3 *database = nullptr;
    sqlite3_stmt *putting, *getting, *scanning;

    SQLiteEngine(const std::string &folder, bool isTuned, uint64_t) {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | (isTuned ? SQLITE_OPEN_NOMUTEX : 0);
        require(sqlite3_open_v2((folder + "/store.sqlite").c_str(), &database, flags, nullptr) == SQLITE_OK, "open");
        if (isTuned) {
            execute("PRAGMA locking_mode=EXCLUSIVE");
            execute("PRAGMA mmap_size=1099511627776");
            execute("PRAGMA wal_autocheckpoint=10000");
        }
        execute("PRAGMA journal_mode=WAL");
        execute("PRAGMA synchronous=OFF");
        execute("CREATE TABLE pairs (key INTEGER PRIMARY KEY, value BLOB NOT NULL)");
        putting = prepare(
            "INSERT INTO pairs VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        getting = prepare("SELECT value FROM pairs WHERE key = ?1");
        scanning = prepare("SELECT key, value FROM pairs WHERE key >= ?1 ORDER BY key LIMIT ?2");
    }

    void execute(const char *text) {
        require(sqlite3_exec(database, text, nullptr, nullptr, nullptr) == SQLITE_OK, text);
    }

    sqlite3_stmt *prepare(const char *text) {
        sqlite3_stmt *statement = nullptr;
        int code = sqlite3_prepare_v3(database, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        require(code == SQLITE_OK, text);
        return statement;
    }

    void put(int64_t key, const uint8_t *bytes, size_t count) {
        sqlite3_bind_int64(putting, 1, key);
        sqlite3_bind_blob64(putting, 2, bytes, count, SQLITE_STATIC);
        sqlite3_step(putting);
        require(sqlite3_reset(putting) == SQLITE_OK, "put");
    }

    void load(const Stream &stream) {
        execute("BEGIN IMMEDIATE");
        for (auto &operation : stream.operations) {
            put(operation.key, stream.values.data() + operation.valueOffset, operation.length);
        }
        execute("COMMIT");
    }

    template <class Body> bool get(int64_t key, Body body) {
        sqlite3_bind_int64(getting, 1, key);
        bool isThere = sqlite3_step(getting) == SQLITE_ROW;
        if (isThere) body(key, sqlite3_column_blob(getting, 0), size_t(sqlite3_column_bytes(getting, 0)));
        sqlite3_reset(getting);
        return isThere;
    }

    template <class Body> void scan(int64_t key, uint32_t limit, Body body) {
        sqlite3_bind_int64(scanning, 1, key);
        sqlite3_bind_int64(scanning, 2, limit);
        while (sqlite3_step(scanning) == SQLITE_ROW) {
            auto bytes = sqlite3_column_blob(scanning, 1);
            body(sqlite3_column_int64(scanning, 0), bytes, size_t(sqlite3_column_bytes(scanning, 1)));
        }
        sqlite3_reset(scanning);
    }

    void settle() { execute("PRAGMA wal_checkpoint(TRUNCATE)"); }
};

struct LMDBEngine {
    MDB_env *environment = nullptr;
    MDB_txn *kept = nullptr;
    MDB_dbi database = 0;
    bool isTuned, isLive = false;

    LMDBEngine(const std::string &folder, bool isTuned, uint64_t records) : isTuned(isTuned) {
        mdb_env_create(&environment);
        mdb_env_set_mapsize(environment, (64ull << 20) + (records << 10));
        unsigned flags = MDB_NOSYNC | (isTuned ? MDB_WRITEMAP | MDB_MAPASYNC | MDB_NOTLS : 0);
        require(mdb_env_open(environment, folder.c_str(), flags, 0644) == 0, "open");
        auto transaction = beginWrite();
        require(mdb_dbi_open(transaction, nullptr, MDB_CREATE | MDB_INTEGERKEY, &database) == 0, "database");
        require(mdb_txn_commit(transaction) == 0, "commit");
    }

    static uint64_t encode(int64_t key) { return uint64_t(key) ^ (1ull << 63); }
    static MDB_val argument(uint64_t &word) { return {8, &word}; }

    MDB_txn *beginWrite() {
        if (isLive) mdb_txn_reset(kept);
        isLive = false;
        MDB_txn *transaction = nullptr;
        require(mdb_txn_begin(environment, nullptr, 0, &transaction) == 0, "write");
        return transaction;
    }

    MDB_txn *beginRead() {
        if (isLive) return kept;
        MDB_txn *transaction = kept;
        int code = kept ? mdb_txn_renew(kept) : mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction);
        require(code == 0, "read");
        if (isTuned) kept = transaction, isLive = true;
        return transaction;
    }

    void endRead(MDB_txn *transaction) {
        if (!isTuned) mdb_txn_abort(transaction);
    }

    void put(int64_t key, const uint8_t *bytes, size_t count) {
        auto transaction = beginWrite();
        uint64_t word = encode(key);
        MDB_val name = argument(word), value = {count, const_cast<uint8_t *>(bytes)};
        require(mdb_put(transaction, database, &name, &value, 0) == 0, "put");
        require(mdb_txn_commit(transaction) == 0, "commit");
    }

    void load(const Stream &stream) {
        auto transaction = beginWrite();
        MDB_cursor *cursor = nullptr;
        require(mdb_cursor_open(transaction, database, &cursor) == 0, "cursor");
        for (auto &operation : stream.operations) {
            uint64_t word = encode(operation.key);
            auto bytes = const_cast<uint8_t *>(stream.values.data() + operation.valueOffset);
            MDB_val name = argument(word), value = {operation.length, bytes};
            require(mdb_cursor_put(cursor, &name, &value, 0) == 0, "batch");
        }
        mdb_cursor_close(cursor);
        require(mdb_txn_commit(transaction) == 0, "commit");
    }

    template <class Body> bool get(int64_t key, Body body) {
        auto transaction = beginRead();
        uint64_t word = encode(key);
        MDB_val name = argument(word), value;
        bool isThere = mdb_get(transaction, database, &name, &value) == 0;
        if (isThere) body(key, value.mv_data, value.mv_size);
        endRead(transaction);
        return isThere;
    }

    template <class Body> void scan(int64_t key, uint32_t limit, Body body) {
        auto transaction = beginRead();
        uint64_t word = encode(key);
        MDB_val name = argument(word), value;
        MDB_cursor *cursor = nullptr;
        require(mdb_cursor_open(transaction, database, &cursor) == 0, "cursor");
        int code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        for (; code == 0 && limit; code = --limit ? mdb_cursor_get(cursor, &name, &value, MDB_NEXT) : 0) {
            memcpy(&word, name.mv_data, 8);
            body(int64_t(word ^ (1ull << 63)), value.mv_data, value.mv_size);
        }
        mdb_cursor_close(cursor);
        endRead(transaction);
    }

    void settle() {}
};
