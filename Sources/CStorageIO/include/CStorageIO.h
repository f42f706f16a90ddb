// System calls that the Swift overlay of the C library does not show, and the checksum instruction.
#ifndef C_STORAGE_IO_H
#define C_STORAGE_IO_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continuing from `crc`. No final inversion.
uint32_t storage_io_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
