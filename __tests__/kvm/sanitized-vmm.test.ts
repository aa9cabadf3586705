/** The library with the checks of gcc, on a KVM that is real. */
import '../e2e/sanitized-vmm.test';
