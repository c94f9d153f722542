/* What a call came to: its status, its errors, and whether it kept the rules that hold for every call. */

#ifndef OUTCOME_H
#define OUTCOME_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "orapool.h"

struct error_record {
    int32_t status;
    int32_t code;
    char *message;
    bool is_session_dead;
    bool is_transient;
};

struct outcome {
    int32_t status;
    struct error_record *errors;
    size_t errors_len;
    /* Rules of the interface that the call broke, a line each. */
    struct text flaws;
};

/* What is put into OUT parameters before a call, to see that they are written. */
#define POISON ((uintptr_t)0x5a5a)
#define POISONED(type) ((type *)POISON)

/* Makes a call, whose last argument is `&error`, and takes its error over. */
#define CALL(outcome, call)                                                                                           \
    do {                                                                                                              \
        orapool_error *error = POISONED(orapool_error);                                                               \
        int32_t call_status = (call);                                                                                 \
        *(outcome) = outcome_of(call_status, error);                                                                  \
    } while (0)

/* The error is freed. */
struct outcome outcome_of(int32_t status, orapool_error *error);
void outcome_free(struct outcome *outcome);
/* 0 without an error. */
int32_t outcome_code(const struct outcome *outcome);
bool outcome_is_done(const struct outcome *outcome);
void show_outcome(struct text *to, const struct outcome *outcome);

/* A handle that a call gave: written on every path, NULL exactly on failure. NULL if it was not written. */
void *checked_handle(struct outcome *outcome, void *handle);
/* A number that a call gave: written on every path, 0 on failure. */
uint64_t checked_number(struct outcome *outcome, uint64_t number);
/* Copies a text that the library gave, and checks that NULL has no length and that a NUL stands behind it. */
struct bytes read_text(const char *at, size_t len, const char *what, struct text *flaws);

/* Whether a call came out as its step says; `expect` may be NULL. */
bool check_outcome(const struct outcome *outcome, json_t *expect, struct text *why);
/* The same, and the outcome is freed. */
bool check_and_free(struct outcome *outcome, json_t *expect, struct text *why);
/* Whether a call of the runner's own doing went well; the outcome is freed. */
bool expect_done(struct outcome *outcome, const char *what, struct text *why);

#endif
