/* C as a guest: a shared library that a Node program loads, and that uses the pool which Node has created. */

#include <inttypes.h>

#include "../example.h"

/* Gets the session that is tagged `wanted`, and leaves it in another state. The return is the instance id that C sees; 0
 * if there was no such session. */
uint64_t c_part(const char *pool_name, const char *wanted, const char *language)
{
    orapool_error *error;
    orapool *pool;
    struct tagged got;
    char sql[80];
    char tag[80];
    int32_t found;

    check(orapool_open(pool_name, ORAPOOL_NTS, &pool, &error), &error, "open the pool");
    got = get_tagged(pool, wanted, ORAPOOL_SESSGET_MULTIPROPERTY_TAG);
    found = got.found;
    printf("  C:      instance %" PRIu64 ", wanted %s, found %d\n", orapool_instance_id(), wanted, found);
    fflush(stdout);
    snprintf(sql, sizeof sql, "alter session set nls_language = '%s'", language);
    execute(got.session, sql);
    snprintf(tag, sizeof tag, "LANGUAGE=%s", language);
    release_tagged(got.session, tag);
    close_pool(pool);
    return found ? orapool_instance_id() : 0;
}
