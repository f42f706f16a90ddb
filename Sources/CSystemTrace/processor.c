#define _GNU_SOURCE
#include "CSystemTrace.h"

#include <sched.h>

int system_processor(void) { return sched_getcpu(); }

void system_move_to_processor(int processor) {
    cpu_set_t before, alone;
    if (processor < 0 || processor >= CPU_SETSIZE || processor == sched_getcpu()) return;
    if (sched_getaffinity(0, sizeof before, &before) != 0) return;
    CPU_ZERO(&alone);
    CPU_SET(processor, &alone);
    if (sched_setaffinity(0, sizeof alone, &alone) == 0) sched_setaffinity(0, sizeof before, &before);
}
