/* The words that a scenario chooses from, and their values in the header. */

#ifndef WORDS_H
#define WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct word {
    const char *name;
    int64_t value;
};

/* Each list ends with a NULL. */
extern const struct word get_modes[];
extern const struct word purities[];
extern const struct word close_modes[];
extern const struct word get_bits[];
extern const struct word release_bits[];
extern const struct word statuses[];
extern const struct word users[];
extern const struct word knobs[];
extern const struct word kinds_of_source[];
extern const struct word arguments[];
extern const struct word needs[];

/* Values of `users`. */
enum { USER_NONE, USER_OWNER, USER_SECOND };

/* Values of `needs`: bits. */
enum {
    NEEDS_PLSQL = 1,
    NEEDS_CALLBACK = 2,
    NEEDS_CALLBACK_VALUES = 4,
    NEEDS_KILL = 8,
    NEEDS_TWO_USERS = 16,
    NEEDS_RAW_TAGS = 32,
    NEEDS_KNOBS = 64,
    NEEDS_THREADS = 128
};

/* NULL for a word that is not in the list, and for what is no text. */
const struct word *find_word(const struct word *list, json_t *word);
/* The value of a word that is in the list, or `otherwise` for an absent one. */
int64_t word_value(const struct word *list, json_t *word, int64_t otherwise);
/* The bits of a list of words, all together. */
uint32_t bits_of(const struct word *list, json_t *words);

#endif
