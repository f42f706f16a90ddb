#include "CSystemTrace.h"

#include <malloc.h>

void system_release_heap(void) { malloc_trim(0); }
