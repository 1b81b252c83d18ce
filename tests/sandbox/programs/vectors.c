/* A vector database from scratch: vectors in memory, exact search by inner product, the best ten of each query. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef COUNT
#define COUNT 20000
#endif
#define WIDTH 384
#define QUERIES 20
#define BEST 10

typedef float lanes __attribute__((vector_size(16)));

static uint64_t state = 42;

static float next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(state >> 40) / (1 << 24) - 0.5f;
}

static float product(const lanes *a, const lanes *b) {
    lanes sum[4] = {0};
    for (int i = 0; i < WIDTH / 4; i += 4)
        for (int j = 0; j < 4; j++) sum[j] += a[i + j] * b[i + j];
    lanes all = sum[0] + sum[1] + sum[2] + sum[3];
    return all[0] + all[1] + all[2] + all[3];
}

int main(void) {
    float *vectors = aligned_alloc(16, sizeof(float) * WIDTH * COUNT), query[WIDTH] __attribute__((aligned(16)));
    if (!vectors) return 1;
    for (size_t i = 0; i < (size_t)WIDTH * COUNT; i++) vectors[i] = next();
    uint64_t checksum = 0;
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int q = 0; q < QUERIES; q++) {
        for (int i = 0; i < WIDTH; i++) query[i] = next();
        float score[BEST];
        int found[BEST], kept = 0;
        for (int i = 0; i < COUNT; i++) {
            float s = product((const lanes *)(vectors + (size_t)i * WIDTH), (const lanes *)query);
            if (kept == BEST && s <= score[BEST - 1]) continue;
            int at = kept < BEST ? kept++ : BEST - 1;
            for (; at > 0 && score[at - 1] < s; at--) score[at] = score[at - 1], found[at] = found[at - 1];
            score[at] = s, found[at] = i;
        }
        for (int i = 0; i < kept; i++) checksum = checksum * 31 + (uint64_t)found[i];
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("checksum %016llx\n", (unsigned long long)checksum);
    fprintf(stderr, "%.3f ms a query\n",
        ((ended.tv_sec - began.tv_sec) * 1e3 + (ended.tv_nsec - began.tv_nsec) / 1e6) / QUERIES);
    free(vectors);
    return 0;
}
