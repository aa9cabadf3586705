/*
 * BTF is a header, then types one behind the other, then strings. A type is three words (name, kind with count, size or
 * type) and what its kind adds; its id is its position, counted from 1. So finding one is a walk from the start.
 */
#include "ops_layout.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#define VALUE "bpf_struct_ops_sched_ext_ops"
#define OPS "sched_ext_ops"
#define BITS_PER_BYTE 8

struct view {
	const uint8_t *types;
	uint32_t types_length;
	const char *strings;
	uint32_t strings_length;
};

/* Bytes behind the three words. Returns -1 for a kind that is not known. */
static int64_t extra_bytes(const struct btf_type *type)
{
	uint32_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return (int64_t)count * (int64_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return (int64_t)count * (int64_t)sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return (int64_t)count * (int64_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return (int64_t)count * (int64_t)sizeof(struct btf_var_secinfo);
	case BTF_KIND_ENUM64:
		return (int64_t)count * (int64_t)sizeof(struct btf_enum64);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

static int is_named(const struct view *view, uint32_t offset, const char *name)
{
	size_t length = strlen(name) + 1;

	return offset <= view->strings_length && length <= view->strings_length - offset &&
	       memcmp(view->strings + offset, name, length) == 0;
}

/* Returns the member's offset in bytes, or -1. */
static int64_t member_offset(const struct view *view, const struct btf_type *type, const char *name)
{
	const struct btf_member *member = (const struct btf_member *)(type + 1);
	uint32_t count = BTF_INFO_VLEN(type->info);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t bits = member[i].offset;

		if (!is_named(view, member[i].name_off, name))
			continue;
		return (BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(bits) : bits) / BITS_PER_BYTE;
	}
	return -1;
}

static int open_view(const uint8_t *btf, size_t length, struct view *view)
{
	struct btf_header header;
	uint64_t end;

	if (length < sizeof(header))
		return -EINVAL;
	memcpy(&header, btf, sizeof(header));
	end = (uint64_t)header.hdr_len + header.type_off + header.type_len;
	if (header.magic != BTF_MAGIC || end > length || header.type_off % sizeof(uint32_t) != 0 ||
	    (uint64_t)header.hdr_len + header.str_off + header.str_len > length)
		return -EINVAL;
	*view = (struct view){
		.types = btf + header.hdr_len + header.type_off,
		.types_length = header.type_len,
		.strings = (const char *)btf + header.hdr_len + header.str_off,
		.strings_length = header.str_len,
	};
	return 0;
}

int ops_layout_find(const uint8_t *btf, size_t length, struct ops_layout *layout)
{
	int64_t data = -1, timeout = -1;
	struct view view;
	uint32_t id = 1;
	int err = open_view(btf, length, &view);

	if (err)
		return err;
	for (uint32_t at = 0; at < view.types_length && (data < 0 || timeout < 0); id++) {
		const struct btf_type *type = (const struct btf_type *)(view.types + at);
		int64_t extra = view.types_length - at < sizeof(*type) ? -1 : extra_bytes(type);

		if (extra < 0 || extra > (int64_t)(view.types_length - at - sizeof(*type)))
			return -EINVAL;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && is_named(&view, type->name_off, VALUE)) {
			data = member_offset(&view, type, "data");
			layout->value_type = id;
		} else if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && is_named(&view, type->name_off, OPS)) {
			timeout = member_offset(&view, type, "timeout_ms");
		}
		at += (uint32_t)sizeof(*type) + (uint32_t)extra;
	}
	if (data < 0 || timeout < 0)
		return -ENOENT;
	layout->timeout_offset = (uint32_t)(data + timeout);
	return 0;
}
