#include "statistics.h"

#include <inttypes.h>
#include <string.h>

/* The members of orapool_stats behind struct_size, in their order. */
static const char *const names[] = {
    "open",           "busy",          "idle",            "connecting",      "waiting",
    "gets",           "gets_tag_exact", "gets_tag_superset", "gets_tag_partial", "gets_untagged",
    "gets_new",       "timeouts",      "rejected",        "releases",        "drops",
    "connects",       "connect_failures", "pings",        "ping_failures",   "fixups",
    "fixup_failures", "callbacks",     "callback_failures", "closed_idle",   "closed_lifetime",
    "closed_uses",    "closed_dead",   "evictions",       "leaks",           "wait_ns_total",
    "wait_ns_max",    "peak_busy",     "drcp_attaches",   "drcp_session_changes",
};

enum { COUNT = sizeof names / sizeof *names };

/* The names are all that the header has; a number that it gains needs one here. */
typedef char names_fit_the_header[sizeof(orapool_stats) == (COUNT + 1) * sizeof(uint64_t) ? 1 : -1];

static int position_of(const char *name)
{
    int i;
    for (i = 0; i < COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

bool is_statistic(const char *name)
{
    return position_of(name) >= 0;
}

/* The struct holds uint64_t alone, so that it can be read as an array. */
static uint64_t number_at(const orapool_stats *stats, int position)
{
    uint64_t numbers[COUNT + 1];
    memcpy(numbers, stats, sizeof numbers);
    return numbers[position + 1];
}

static void show_all(struct text *to, const orapool_stats *stats)
{
    int i;
    for (i = 0; i < COUNT; i++) {
        if (number_at(stats, i) != 0)
            text_add(to, " %s %" PRIu64, names[i], number_at(stats, i));
    }
}

static bool check_one(const char *name, json_t *expected, uint64_t came, struct text *why)
{
    json_t *bound = json_object_get(expected, "at_least");
    uint64_t number = (uint64_t)json_integer_value(bound != NULL ? bound : expected);
    if (bound != NULL)
        return came >= number
               || failed(why, "%s: expected at least %" PRIu64 ", came %" PRIu64, name, number, came);
    return came == number || failed(why, "%s: expected %" PRIu64 ", came %" PRIu64, name, number, came);
}

bool check_statistics(const orapool_stats *stats, json_t *expected, struct text *why)
{
    bool ok = true;
    const char *name;
    json_t *number;
    json_object_foreach (expected, name, number)
        ok = check_one(name, number, number_at(stats, position_of(name)), why) && ok;
    if (!ok) {
        failed(why, "of:");
        show_all(why, stats);
    }
    return ok;
}

static bool equal(const char *what, uint64_t one, uint64_t other, struct text *why)
{
    return one == other || failed(why, "%s: %" PRIu64 " and %" PRIu64, what, one, other);
}

bool check_sums(const orapool_stats *stats, struct text *why)
{
    uint64_t kinds = stats->gets_tag_exact + stats->gets_tag_superset + stats->gets_tag_partial
                     + stats->gets_untagged + stats->gets_new;
    bool ok = equal("busy + idle = open", stats->busy + stats->idle, stats->open, why);
    ok = equal("releases + busy = gets", stats->releases + stats->busy, stats->gets, why) && ok;
    return equal("the five kinds of gets = gets", kinds, stats->gets, why) && ok;
}
