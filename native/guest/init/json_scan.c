#include "json_scan.h"

#include <string.h>

static void skip_space(struct json_scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) != NULL)
		scan->at++;
}

bool json_take(struct json_scan *scan, char mark)
{
	skip_space(scan);
	if (scan->at == scan->end || *scan->at != mark)
		return false;
	scan->at++;
	skip_space(scan);
	return true;
}

bool json_string(struct json_scan *scan, struct json_slice *string)
{
	skip_space(scan);
	if (scan->at == scan->end || *scan->at != '"')
		return false;
	string->start = ++scan->at;
	for (; scan->at < scan->end; scan->at++) {
		if (*scan->at == '\\') {
			scan->at++;
		} else if (*scan->at == '"') {
			string->length = (size_t)(scan->at++ - string->start);
			return true;
		}
	}
	/* An escape as the last character steps over the end. */
	scan->at = scan->end;
	return false;
}

bool json_number(struct json_scan *scan, unsigned long *number)
{
	bool any = false;

	*number = 0;
	skip_space(scan);
	for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++) {
		*number = *number * 10 + (unsigned long)(*scan->at - '0');
		any = true;
	}
	return any;
}

bool json_skip(struct json_scan *scan)
{
	struct json_slice ignored;
	size_t depth = 0;

	skip_space(scan);
	while (scan->at < scan->end) {
		char c = *scan->at;

		if (c == '"') {
			if (!json_string(scan, &ignored))
				return false;
			if (depth == 0)
				return true;
			continue;
		}
		/* A number or a word ends where the value around it goes on. */
		if (depth == 0 && strchr(",]} \t\r\n", c) != NULL)
			return true;
		scan->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return false;
}

bool json_member(struct json_scan *scan, struct json_slice *key)
{
	if (!json_take(scan, '{'))
		json_take(scan, ',');
	return json_string(scan, key) && json_take(scan, ':');
}

bool json_find(struct json_scan *scan, const char *name)
{
	struct json_slice key;

	while (json_member(scan, &key)) {
		if (json_equals(&key, name))
			return true;
		if (!json_skip(scan))
			return false;
	}
	return false;
}

bool json_equals(const struct json_slice *slice, const char *text)
{
	return slice->length == strlen(text) && memcmp(slice->start, text, slice->length) == 0;
}
