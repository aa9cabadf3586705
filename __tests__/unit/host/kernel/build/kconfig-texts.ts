import type { ReadKconfig } from '../../../../../src/host/kernel/build/kconfig';

/** Excerpts of Linux 6.12: kernel/Kconfig.preempt, drivers/char/Kconfig, drivers/virtio/Kconfig, lib/Kconfig.debug. */
const FILES: Record<string, string> = {
  Kconfig: `mainmenu "Linux/$(ARCH) $(KERNELVERSION) Kernel Configuration"

source "kernel/Kconfig.preempt"
source "arch/$(SRCARCH)/Kconfig"
source "drivers/Kconfig"
source "lib/Kconfig.debug"
`,
  'kernel/Kconfig.preempt': `config SCHED_CORE
	bool "Core Scheduling for SMT"
	depends on SCHED_SMT
	help
	  This option permits Core Scheduling, a means of coordinated task
	  selection across SMT siblings.

	  config NOT_AN_ENTRY
	  depends on NOT_A_DEPENDENCY

config SCHED_CLASS_EXT
	bool "Extensible Scheduling Class"
	depends on BPF_SYSCALL && BPF_JIT && DEBUG_INFO_BTF
	select STACKTRACE if STACKTRACE_SUPPORT
	help
	  This option enables a new scheduler class sched_ext (SCX).
`,
  'arch/x86/Kconfig': `menuconfig HYPERVISOR_GUEST
	bool "Linux guest support"

if HYPERVISOR_GUEST

config PVH
	bool "Support for running PVH guests"
	help
	  This option enables the PVH entry point for guest virtual machines

endif # HYPERVISOR_GUEST
`,
  'drivers/Kconfig': `menu "Device Drivers"

source "drivers/virtio/Kconfig"

menu "Character devices"
	depends on HAS_IOMEM

config VIRTIO_CONSOLE
	tristate "Virtio console"
	depends on TTY
	select HVC_DRIVER

endmenu

endmenu
`,
  'drivers/virtio/Kconfig': `menuconfig VIRTIO_MENU
	bool "Virtio drivers"
	default y

if VIRTIO_MENU

config VIRTIO_MMIO
	tristate "Platform bus driver for memory mapped virtio devices"
	depends on HAS_IOMEM && \\
		   HAS_DMA
	select VIRTIO

endif # VIRTIO_MENU
`,
  'lib/Kconfig.debug': `choice
	prompt "Debug information"
	depends on DEBUG_KERNEL
	help
	  Selecting something other than "None" results in a kernel image
	  that will include debugging info.

config DEBUG_INFO_DWARF5
	bool "Generate DWARF Version 5 debuginfo"
	depends on !ARCH_HAS_BROKEN_DWARF5 # see the commit

endchoice
`,
};

export const readKconfig: ReadKconfig = (path) => FILES[path];
