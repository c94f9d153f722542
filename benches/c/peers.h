/* The C side of ../peers: the Rust contenders. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <stdint.h>

/* Room for the guard object of any of them; the Rust side checks at compile time that it fits. */
typedef union {
    uint64_t alignment;
    unsigned char bytes[256];
} peer_loan;

#define PEER_DECLARE(name)                                        \
    void *peer_##name##_create(uint32_t sessions);                \
    void peer_##name##_destroy(void *pool);                       \
    void peer_##name##_run(void *pool, uint64_t pairs);           \
    uint32_t peer_##name##_get(void *pool, peer_loan *loan);      \
    void peer_##name##_release(void *pool, peer_loan *loan);

PEER_DECLARE(pl_mutex_vec)
PEER_DECLARE(fifo)
PEER_DECLARE(odpic)
PEER_DECLARE(r2d2)
PEER_DECLARE(deadpool)

#endif
