/* Texts that grow, and bytes that may be absent. */

#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* A text that grows. All 0 is an empty one; `at` is NULL then. */
struct text {
    char *at;
    size_t len;
};

/* Bytes that may be absent: `at` is NULL then. A NUL stands behind them. */
struct bytes {
    char *at;
    size_t len;
};

#ifdef __GNUC__
#define LIKE_PRINTF(text_at, first) __attribute__((format(printf, text_at, first)))
#else
#define LIKE_PRINTF(text_at, first)
#endif

void text_add(struct text *text, const char *format, ...) LIKE_PRINTF(2, 3);
void text_add_bytes(struct text *text, const char *at, size_t len);
void text_free(struct text *text);
/* The text, "" for an empty one. */
const char *text_of(const struct text *text);

/* Notes what is wrong, on a line of its own. Always false: `return failed(why, ...)`. */
bool failed(struct text *why, const char *format, ...) LIKE_PRINTF(2, 3);

struct bytes bytes_copy(const char *at, size_t len);
bool bytes_equal(struct bytes one, struct bytes other);
void bytes_free(struct bytes *bytes);
/* For reports: NULL, or the bytes with the strange ones escaped and, if they are many, cut. */
void show_bytes(struct text *to, struct bytes bytes);

/* Never NULL: a test program without memory ends. */
void *allocate(size_t size);
char *copy_of(const char *text);

#endif
