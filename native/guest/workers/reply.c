#include "reply.h"
#include "../io.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void reply(const char *format, ...)
{
	char line[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if ((size_t)length >= sizeof(line)) {
		length = sizeof(line);
		line[length - 1] = '\n';
	}
	reply_bytes(line, (size_t)length);
}

void reply_bytes(const void *bytes, size_t length)
{
	write_all(STDOUT_FILENO, bytes, length);
}

void reply_error(const char *what, int err)
{
	reply("error %s %d %s\n", what, abs(err), strerror(abs(err)));
}
