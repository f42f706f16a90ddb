#include "CRocksDBReader.h"

#ifdef ROCKSDB_READER

#include <rocksdb/db.h>

#include <string>

/// What the C interface's handle is (db/c.cc of RocksDB): a pointer to the database and nothing else.
struct rocksdb_t {
    rocksdb::DB *rep;
};

struct rocksdb_reader {
    rocksdb::DB *database;
    rocksdb::ColumnFamilyHandle *family;
    rocksdb::ReadOptions options;
    rocksdb::PinnableSlice value;
    std::string message;
};

rocksdb_reader *rocksdb_reader_create(rocksdb_t *database) {
    return new rocksdb_reader{database->rep, database->rep->DefaultColumnFamily(), {}, {}, {}};
}

void rocksdb_reader_destroy(rocksdb_reader *reader) { delete reader; }

int rocksdb_reader_get(
    rocksdb_reader *reader, const char *key, size_t key_count, const char **value, size_t *value_count) {
    // Gives back the block that the last value lay in.
    reader->value.Reset();
    rocksdb::Status status = reader->database->Get(
        reader->options, reader->family, rocksdb::Slice(key, key_count), &reader->value);
    if (status.ok()) {
        *value = reader->value.data();
        *value_count = reader->value.size();
        return 1;
    }
    if (status.IsNotFound()) return 0;
    reader->message = status.ToString();
    return -1;
}

const char *rocksdb_reader_message(rocksdb_reader *reader) { return reader->message.c_str(); }

#endif
