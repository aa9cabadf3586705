/* Its available ring lies where there is no RAM. */
#define AVAIL 0xe0000000
#include "virtio.h"
