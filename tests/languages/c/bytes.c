#include "bytes.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("no memory is left\n", stderr);
        abort();
    }
    return memory;
}

void *allocate(size_t size)
{
    return checked(calloc(1, size));
}

char *copy_of(const char *text)
{
    return bytes_copy(text, strlen(text)).at;
}

void text_add_bytes(struct text *text, const char *at, size_t len)
{
    text->at = checked(realloc(text->at, text->len + len + 1));
    if (len > 0)
        memcpy(text->at + text->len, at, len);
    text->len += len;
    text->at[text->len] = '\0';
}

static void add_formatted(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    int len;
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    text->at = checked(realloc(text->at, text->len + (size_t)len + 1));
    vsnprintf(text->at + text->len, (size_t)len + 1, format, again);
    text->len += (size_t)len;
    va_end(again);
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_formatted(text, format, arguments);
    va_end(arguments);
}

bool failed(struct text *why, const char *format, ...)
{
    va_list arguments;
    if (why->len > 0)
        text_add_bytes(why, "\n", 1);
    va_start(arguments, format);
    add_formatted(why, format, arguments);
    va_end(arguments);
    return false;
}

void text_free(struct text *text)
{
    free(text->at);
    text->at = NULL;
    text->len = 0;
}

const char *text_of(const struct text *text)
{
    return text->at != NULL ? text->at : "";
}

struct bytes bytes_copy(const char *at, size_t len)
{
    struct bytes copy;
    copy.at = allocate(len + 1);
    copy.len = len;
    if (len > 0)
        memcpy(copy.at, at, len);
    return copy;
}

bool bytes_equal(struct bytes one, struct bytes other)
{
    if (one.at == NULL || other.at == NULL)
        return one.at == other.at;
    return one.len == other.len && memcmp(one.at, other.at, one.len) == 0;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    bytes->at = NULL;
    bytes->len = 0;
}

void show_bytes(struct text *to, struct bytes bytes)
{
    enum { LONGEST = 120 };
    size_t i;
    if (bytes.at == NULL) {
        text_add(to, "NULL");
        return;
    }
    text_add(to, "`");
    for (i = 0; i < bytes.len && i < LONGEST; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if (byte < 0x80 && isprint(byte) && byte != '`' && byte != '\\')
            text_add(to, "%c", byte);
        else
            text_add(to, "\\x%02x", byte);
    }
    text_add(to, bytes.len > LONGEST ? "`… (%zu bytes)" : "`", bytes.len);
}
