#include "CRocksDBReader.h"

#ifdef ROCKSDB_READER

#include <rocksdb/db.h>

#include <cstdint>
#include <new>
#include <string>
#include <vector>

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
    // Of a batch: as many as the largest so far had keys.
    std::vector<uint64_t> batch_keys;
    std::vector<rocksdb::Slice> slices;
    std::vector<rocksdb::PinnableSlice> values;
    std::vector<rocksdb::Status> statuses;
    std::vector<rocksdb_reader_answer> answers;
};

rocksdb_reader *rocksdb_reader_create(rocksdb_t *database) {
    return new rocksdb_reader{database->rep, database->rep->DefaultColumnFamily(), {}, {}, {}, {}, {}, {}, {}, {}};
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

void *rocksdb_reader_keys(rocksdb_reader *reader, size_t count) {
    if (reader->slices.size() < count) {
        try {
            reader->batch_keys.resize(count);
            reader->values = std::vector<rocksdb::PinnableSlice>(count);
            reader->statuses.resize(count);
            reader->answers.resize(count);
            reader->slices.resize(count);
        } catch (const std::bad_alloc &) {
            reader->slices.clear();
            return nullptr;
        }
        for (size_t i = 0; i < count; i++)
            reader->slices[i] = rocksdb::Slice(reinterpret_cast<const char *>(&reader->batch_keys[i]), 8);
    }
    return reader->batch_keys.data();
}

const rocksdb_reader_answer *rocksdb_reader_get_batch(rocksdb_reader *reader, size_t count) {
    // Gives back the blocks that the last batch's values lay in.
    for (size_t i = 0; i < count; i++) reader->values[i].Reset();
    reader->database->MultiGet(
        reader->options, reader->family, count, reader->slices.data(), reader->values.data(),
        reader->statuses.data(), false);
    for (size_t i = 0; i < count; i++) {
        const rocksdb::Status &status = reader->statuses[i];
        if (!status.ok() && !status.IsNotFound()) {
            reader->message = status.ToString();
            return nullptr;
        }
        reader->answers[i] = {status.ok() ? 1 : 0, reader->values[i].size(), reader->values[i].data()};
    }
    return reader->answers.data();
}

const char *rocksdb_reader_message(rocksdb_reader *reader) { return reader->message.c_str(); }

#endif
