/* The runtimes that lesson 10 starts inside its process: how each is started is in java.c and python.c, what each does
 * with the pool in SharedPool.java and shared_pool.py. runtimes.mk finds out which there are. */

#ifndef RUNTIMES_H
#define RUNTIMES_H

#include <stdint.h>

struct runtime {
    const char *name;
    /* NULL, or why this process can not have it. */
    const char *(*missing)(void);
    /* Each is 1 if it went well; if not, the runtime has said why. */
    int (*start)(void);
    /* Opens the pool by its name, checks that it is the same copy of the library, gets the session that is tagged
     * `wanted`, puts it into the language `language` and tags it with that. */
    int (*work)(const char *pool, uint64_t instance, const char *wanted, const char *language);
    /* Gets without waiting, and is right if the pool refuses that: another has the only session. */
    int (*meet_the_limit)(const char *pool);
    int (*stop)(void);
};

extern const struct runtime java;
extern const struct runtime python;

#endif
