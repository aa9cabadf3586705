/* The account that a library gives of the structures in its header, as its compiler saw them. */
#ifndef KTSTR_LAYOUT_H
#define KTSTR_LAYOUT_H

#include <errno.h>
#include <stddef.h>

/* A line of the table `layouts`. */
#define LAYOUT_ENTRY(type, name) { #type, #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) },
#define NO_ARRAY(type, name, count)

/* What the headers declare for each library, over its table `layouts`. */
#define LAYOUT_FUNCTIONS(library, version)                                       \
	uint32_t library##_abi(void)                                             \
	{                                                                        \
		return version;                                                  \
	}                                                                        \
                                                                                 \
	int library##_layout_at(uint32_t index, struct library##_layout *layout) \
	{                                                                        \
		if (index >= sizeof(layouts) / sizeof(layouts[0]))               \
			return -ENOENT;                                          \
		*layout = layouts[index];                                        \
		return 0;                                                        \
	}

#endif
