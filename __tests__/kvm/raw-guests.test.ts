/** The tests of the library without Linux, on a KVM that is real. */
import '../native/host/kvm-probe.test';
import '../native/vmm/clocks.test';
import '../native/vmm/debug-registers.test';
import '../native/vmm/frames.test';
import '../native/vmm/memory.test';
import '../native/vmm/raw-guests.test';
import '../native/vmm/vcpus.test';
import '../native/vmm/virtqueue.test';
import '../native/vmm/watchpoints.test';
