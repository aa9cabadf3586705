/* Its chain of buffers is a loop: NEXT, and the next one is itself. */
#define FLAGS 1
#include "virtio.h"
