/*
 * A histogram of durations in nanoseconds. A bucket is at most 1/64 wide (1.6 %), so its middle is within 0.8 % of
 * every value in it. Samples are not stored: a window of 400,000 waits must not fill the caches of what it measures.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_SUBS (1u << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_OCTAVES 36u /* up to 2^41 ns, 36 minutes */
#define HISTOGRAM_BUCKETS (HISTOGRAM_SUBS * HISTOGRAM_OCTAVES)

typedef struct {
    uint64_t count;
    uint64_t max; /* exact */
    uint32_t buckets[HISTOGRAM_BUCKETS];
} histogram;

/* Below 64 ns a bucket per nanosecond; above, 64 buckets per octave. */
static inline uint32_t histogram_bucket(uint64_t ns)
{
    if (ns < HISTOGRAM_SUBS)
        return (uint32_t)ns;
    uint32_t octave = 63u - (uint32_t)__builtin_clzll(ns) - HISTOGRAM_SUB_BITS;
    uint32_t bucket = HISTOGRAM_SUBS * (octave + 1) + (uint32_t)((ns >> octave) - HISTOGRAM_SUBS);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static inline double histogram_middle(uint32_t bucket)
{
    if (bucket < HISTOGRAM_SUBS)
        return bucket;
    uint32_t octave = bucket / HISTOGRAM_SUBS - 1;
    uint64_t low = (uint64_t)(HISTOGRAM_SUBS + bucket % HISTOGRAM_SUBS) << octave;
    return (double)low + (double)((1ull << octave) - 1) / 2;
}

static inline void histogram_add(histogram *h, uint64_t ns)
{
    h->count++;
    h->buckets[histogram_bucket(ns)]++;
    if (ns > h->max)
        h->max = ns;
}

static inline void histogram_merge(histogram *into, const histogram *from)
{
    into->count += from->count;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    if (from->max > into->max)
        into->max = from->max;
}

/* The value that `share` (0 to 1) of all samples do not exceed. */
static inline double histogram_quantile(const histogram *h, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)h->count);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen > wanted) {
            double middle = histogram_middle(i);
            return middle < (double)h->max ? middle : (double)h->max;
        }
    }
    return (double)h->max;
}

#endif
