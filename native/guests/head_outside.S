/* Its first descriptor is not in the table. */
#define HEAD 4
#include "virtio.h"
