/* The statistics of a pool, by name. */

#ifndef STATISTICS_H
#define STATISTICS_H

#include <jansson.h>
#include <stdbool.h>

#include "bytes.h"
#include "orapool.h"

bool is_statistic(const char *name);
/* Compares what is named. */
bool check_statistics(const orapool_stats *stats, json_t *expected, struct text *why);
/* What holds in every reading in which no get or release is under way. */
bool check_sums(const orapool_stats *stats, struct text *why);

#endif
