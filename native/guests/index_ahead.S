/* It claims more requests than the queue has room for. */
#define INDEX 5
#include "virtio.h"
