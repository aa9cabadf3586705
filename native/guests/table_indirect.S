/* Its table of buffers is in a buffer, which was not offered. */
#define FLAGS 4
#include "virtio.h"
