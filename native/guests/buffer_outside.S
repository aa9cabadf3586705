/* Its buffer lies where there is no RAM. */
#define BUFFER 0xfffff000
#include "virtio.h"
