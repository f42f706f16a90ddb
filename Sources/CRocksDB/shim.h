#pragma once
#include <rocksdb/c.h>
#include <string.h>

// A GNU function that string.h hides from a strict compiler.
extern void *memmem(const void *bytes, size_t count, const void *part, size_t part_count);

// Whether the bytes hold the text, without its final zero.
static inline int crocksdb_contains(const void *bytes, size_t count, const char *text) {
    return memmem(bytes, count, text, strlen(text)) != 0;
}

// `make rivals` lays this header beside the library that it builds without assertions.
#if __has_include(<rocksdb/release_build.h>)
#include <rocksdb/release_build.h>
#endif

// The version of the release build that this program is linked with, or "" for the system's library.
static inline const char *crocksdb_release_version(void) {
#ifdef ROCKSDB_RELEASE_BUILD_VERSION
    return ROCKSDB_RELEASE_BUILD_VERSION;
#else
    return "";
#endif
}
