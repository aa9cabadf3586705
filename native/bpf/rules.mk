# The fixture scheduler. BPF_DEV is the bpf-dev folder of a stored kernel: libbpf, bpftool and headers of that kernel's own
# source, since a distribution's libbpf may be too old for links of struct_ops.
CLANG ?= $(shell for version in 22 21 20 19 18 17; do command -v clang-$$version && exit; done; echo clang)
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' ../package.json)
SCX := build/bpf/scx_ktstr

.PHONY: bpf
bpf: $(SCX)
	@:

$(if $(filter bpf,$(MAKECMDGOALS)),$(if $(wildcard $(BPF_DEV)/lib/libbpf.a),,$(error BPF_DEV is "$(BPF_DEV)", which has no \
	lib/libbpf.a: give the bpf-dev folder of a stored kernel)))

# Debug information becomes BTF; -mcpu=v3 has the atomics.
$(OBJ)/bpf/scx_ktstr.bpf.o: bpf/scx_ktstr.bpf.c $(wildcard bpf/*.bpf.h) bpf/limits.h bpf/rules.mk
	@printf '  BPF   %s\n' $<
	$(call aside,$(CLANG) --target=bpf -mcpu=v3 -g -O2 -D__TARGET_ARCH_x86 -Wall -Werror -isystem $(BPF_DEV)/include \
		-c $< -o $$out)

# Linked by itself, which leaves out the DWARF.
$(OBJ)/bpf/scx_ktstr.skel.h: $(OBJ)/bpf/scx_ktstr.bpf.o
	@printf '  SKEL  %s\n' $@
	$(call aside,$(BPF_DEV)/bin/bpftool gen object $$out.d $< && \
		$(BPF_DEV)/bin/bpftool gen skeleton $$out.d name scx_ktstr >$$out)

SCX_OBJECTS := $(addprefix $(OBJ)/bpf/,scx_ktstr.o options.o llcs.o)
$(OBJ)/bpf/options.o: override CFLAGS += -DKTSTR_VERSION='"$(VERSION)"'
# The kernel's headers use typeof.
$(OBJ)/bpf/scx_ktstr.o: override CFLAGS += -std=gnu11 -I$(OBJ)/bpf -isystem $(BPF_DEV)/include
$(OBJ)/bpf/scx_ktstr.o: $(OBJ)/bpf/scx_ktstr.skel.h

$(SCX): $(SCX_OBJECTS)
	@printf '  LINK  %s\n' $@
	$(call aside,$(CC) $(CFLAGS) -s $(LDFLAGS) $^ $(BPF_DEV)/lib/libbpf.a -lelf -lz -o $$out)
