# Fuzzers of what reads a guest's or a user's bytes, for libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer.
# FUZZ_VMM: folder of the sources to fuzz. FUZZ_OUT: folder of the programs.
comma := ,
FUZZ_CC ?= clang-19
FUZZ_VMM ?= vmm
FUZZ_OUT ?= build/fuzz

FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iabi -Ihost -I$(FUZZ_VMM) -Ifuzz -Imonitor -O1 -g -pthread -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
# $(call fuzz_wrap,FUNCTIONS): those are judged where what is fuzzed calls them.
fuzz_wrap = $(addprefix -Wl$(comma)--wrap=,$(1))
FUZZ_TARGETS := $(patsubst fuzz/%_fuzz.c,%,$(wildcard fuzz/*_fuzz.c))
FUZZERS := $(addprefix $(FUZZ_OUT)/,$(FUZZ_TARGETS))

.PHONY: fuzz
fuzz: $(FUZZERS)
	@:

# $(call fuzz_objects,FUZZED,HARNESS)
fuzz_objects = $(patsubst %,$(FUZZ_OUT)/obj/vmm/%.o,$(1)) $(patsubst %,$(FUZZ_OUT)/obj/fuzz/%.o,$(2))

FUZZ_QUEUE := ram ring requests
FUZZ_BOOT := boot bzimage elf_image memory error

$(FUZZ_OUT)/virtq: $(call fuzz_objects,virtq memory error,$(FUZZ_QUEUE) virtq_fuzz)
$(FUZZ_OUT)/virtio_mmio: $(call fuzz_objects,bus virtio_mmio virtq memory error,$(FUZZ_QUEUE) host rig virtio_mmio_fuzz)
$(FUZZ_OUT)/console: $(call fuzz_objects,bus console virtio_mmio virtq memory error,$(FUZZ_QUEUE) host rig console_fuzz)
$(FUZZ_OUT)/serial: $(call fuzz_objects,bus serial cmos power,host serial_fuzz)
$(FUZZ_OUT)/ioapic: $(call fuzz_objects,bus ioapic,ioapic_fuzz)
$(FUZZ_OUT)/bzimage: $(call fuzz_objects,$(FUZZ_BOOT),ram image bzimage_fuzz)
$(FUZZ_OUT)/elf_image: $(call fuzz_objects,$(FUZZ_BOOT),ram image elf_image_fuzz)
$(FUZZ_OUT)/monitor: $(patsubst %.c,$(FUZZ_OUT)/obj/%.o,$(wildcard monitor/*.c) host/thread.c) $(FUZZ_OUT)/obj/fuzz/monitor_fuzz.o

$(FUZZ_OUT)/virtq $(FUZZ_OUT)/virtio_mmio $(FUZZ_OUT)/console: FUZZ_LDFLAGS := $(call fuzz_wrap,memory_at virtq_pop virtq_push)
$(FUZZ_OUT)/bzimage $(FUZZ_OUT)/elf_image: FUZZ_LDFLAGS := $(call fuzz_wrap,memory_at)

$(FUZZERS):
	@printf '  LINK  %s\n' $@
	$(call aside,$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_LDFLAGS) $^ -o $$out)

# Only what is fuzzed is measured and leads the search.
$(FUZZ_OUT)/obj/vmm/%.o: FUZZ_MEASURE := -fsanitize=fuzzer-no-link
$(FUZZ_OUT)/obj/vmm/%.o: $(FUZZ_VMM)/%.c fuzz/rules.mk
	@printf '  FUZZ  %s\n' $<
	$(fuzz_compile)
$(FUZZ_OUT)/obj/monitor/%.o: FUZZ_MEASURE := -fsanitize=fuzzer-no-link
$(FUZZ_OUT)/obj/monitor/%.o: monitor/%.c fuzz/rules.mk
	@printf '  FUZZ  %s\n' $<
	$(fuzz_compile)
$(FUZZ_OUT)/obj/host/%.o: host/%.c fuzz/rules.mk
	@printf '  FUZZ  %s\n' $<
	$(fuzz_compile)
$(FUZZ_OUT)/obj/fuzz/%.o: fuzz/%.c fuzz/rules.mk
	@printf '  FUZZ  %s\n' $<
	$(fuzz_compile)

define fuzz_compile
$(call aside,$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_MEASURE) -MMD -MP -MT $@ -MF $$out.d -c $< -o $$out && mv -f $$out.d $(@:.o=.d))
endef

-include $(wildcard $(FUZZ_OUT)/obj/*/*.d)
