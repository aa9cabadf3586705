/* Its buffer begins in RAM and ends outside. */
#define BUFFER 0x1ffffe
#include "virtio.h"
