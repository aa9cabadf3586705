/* Its buffer is one byte longer than the console takes in one request. */
#define LENGTH 0x100001
#include "virtio.h"
