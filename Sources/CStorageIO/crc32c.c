#include "CStorageIO.h"

uint32_t storage_io_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *byte = bytes;
    while (count--) {
        crc ^= *byte++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
    }
    return crc;
}
