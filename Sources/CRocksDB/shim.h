#pragma once
#include <rocksdb/c.h>
#include <string.h>

// A GNU function that string.h hides from a strict compiler.
extern void *memmem(const void *bytes, size_t count, const void *part, size_t part_count);

// Whether the bytes hold the text, without its final zero.
static inline int crocksdb_contains(const void *bytes, size_t count, const char *text) {
    return memmem(bytes, count, text, strlen(text)) != 0;
}

// Defined by the library that `make rivals` builds without assertions, and by no other.
extern const char rocksdb_release_build_version[] __attribute__((weak));

// The version of the release build that this program is linked with, or "" for any other library.
static inline const char *crocksdb_release_version(void) {
    return &rocksdb_release_build_version[0] ? rocksdb_release_build_version : "";
}
