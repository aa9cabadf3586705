/*
 * A cursor over JSON text that is not kept in a tree: the text is large, what is wanted of it small. At the end of a
 * text that is cut off every function returns false. Strings are slices of the text with their escapes, so that they
 * can be copied into other JSON text as they are.
 */
#ifndef KTSTR_JSON_SCAN_H
#define KTSTR_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_scan {
	const char *at;
	const char *end;
};

struct json_slice {
	const char *start;
	size_t length;
};

/* Consumes one punctuation mark, and the white space around it. */
bool json_take(struct json_scan *scan, char mark);

bool json_string(struct json_scan *scan, struct json_slice *string);

/* A whole number from 0. */
bool json_number(struct json_scan *scan, unsigned long *number);

/* Consumes a value of any kind. */
bool json_skip(struct json_scan *scan);

/* Consumes the key of the next member of an object, and its colon; the caller consumes the value. False at the end. */
bool json_member(struct json_scan *scan, struct json_slice *key);

/* Moves the cursor from the start of an object to the value of its member of this name. */
bool json_find(struct json_scan *scan, const char *name);

bool json_equals(const struct json_slice *slice, const char *text);

#endif
