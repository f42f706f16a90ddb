// Gets as a C++ program makes them: into one result object that is used again. RocksDB's C interface makes and destroys
// an object for each get, also for one that finds nothing, which would be charged to the rival. Built with the trait
// RocksDB (ROCKSDB_READER); without it nothing here is defined.
#ifndef C_ROCKSDB_READER_H
#define C_ROCKSDB_READER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rocksdb_t;

/// A thread's way to read one open database.
typedef struct rocksdb_reader rocksdb_reader;

/// A reader of an open database with the default read options. To be destroyed before the database is closed.
rocksdb_reader *rocksdb_reader_create(struct rocksdb_t *database);
void rocksdb_reader_destroy(rocksdb_reader *reader);

/// 1 and where the value lies, until the reader's next get; 0 if the key is absent; -1 on failure.
int rocksdb_reader_get(
    rocksdb_reader *reader, const char *key, size_t key_count, const char **value, size_t *value_count);

/// One answer of many.
typedef struct rocksdb_reader_answer {
    /// 1 if the key is there, 0 if it is absent.
    int is_found;
    size_t value_count;
    const char *value;
} rocksdb_reader_answer;

/// Room for so many keys of 8 bytes back to back, for the caller to fill in; NULL without memory. Stays as it is until
/// the reader is asked for more.
void *rocksdb_reader_keys(rocksdb_reader *reader, size_t count);

/// Gets the first `count` keys by one call (DB::MultiGet into result objects that are used again), and gives back the
/// answers in the order of the keys: valid until the reader's next call of this kind. NULL on failure.
const rocksdb_reader_answer *rocksdb_reader_get_batch(rocksdb_reader *reader, size_t count);

/// What the last failure was, until the reader's next get.
const char *rocksdb_reader_message(rocksdb_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
