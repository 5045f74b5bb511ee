// Has threads of the CPU do what a block of a GPU does whose threads share memory and work as warps: CUDA C++
// Programming Guide, and PTX ISA for where the numbers of "ldmatrix" and "mma.sync.m16n8k16" are. For kernels/ that are
// included behind this.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#define DIPTYCH_EMULATED_CORES 1
// One block works at a time.
#define __shared__ static
#define __align__(bytes) __attribute__((aligned(bytes)))

struct Index {
  int x;
  int y;
  int z;
};
inline thread_local Index threadIdx;
inline Index blockIdx;

struct uint4 {
  uint32_t x;
  uint32_t y;
  uint32_t z;
  uint32_t w;
};

template <typename T>
inline T __ldg(const T* from) {
  return *from;
}

namespace emulated {

constexpr int kBlock = 128;
constexpr int kWarp = 32;
constexpr int kWarps = kBlock / kWarp;

class Barrier {
 public:
  explicit Barrier(unsigned threads) { pthread_barrier_init(&barrier_, nullptr, threads); }
  ~Barrier() { pthread_barrier_destroy(&barrier_); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  void wait() { pthread_barrier_wait(&barrier_); }

 private:
  pthread_barrier_t barrier_;
};

// What the lanes of a warp show each other.
struct Warp {
  Barrier barrier{kWarp};
  const void* rows[kWarp];
  uint4 a[kWarp];
  uint32_t b[kWarp][2];
};

inline Warp warps[kWarps];
inline Barrier halves[2]{Barrier(kBlock / 2), Barrier(kBlock / 2)};
inline Barrier block(kBlock);

inline Warp& own_warp() { return warps[threadIdx.x / kWarp]; }

// Of two 16-bit floats.
inline float half_of(uint32_t pair, int which) {
  const uint16_t bits = static_cast<uint16_t>(which == 0 ? pair & 0xffff : pair >> 16);
  _Float16 number;
  std::memcpy(&number, &bits, sizeof number);
  return static_cast<float>(number);
}

// Runs one block after the other; `call` is what each thread does.
template <typename Call>
void run(Index blocks, Call call) {
  for (int z = 0; z < blocks.z; ++z) {
    for (int y = 0; y < blocks.y; ++y) {
      for (int x = 0; x < blocks.x; ++x) {
        blockIdx = {x, y, z};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < kBlock; ++thread) {
          threads.emplace_back([&call, thread] {
            threadIdx = {thread, 0, 0};
            call();
          });
        }
        for (std::thread& thread : threads) thread.join();
      }
    }
  }
}

}  // namespace emulated

inline void __syncthreads() { emulated::block.wait(); }

namespace diptych::cuda {

template <int kThreads>
inline void wait_for_part(int part) {
  static_assert(kThreads == 32 || kThreads == 64 || kThreads == 128);
  if (kThreads == 32) emulated::own_warp().barrier.wait();
  if (kThreads == 64) emulated::halves[part].wait();
  if (kThreads == 128) emulated::block.wait();
}

inline void load_matrices(uint32_t (&to)[4], const void* row) {
  emulated::Warp& warp = emulated::own_warp();
  const int lane = threadIdx.x % emulated::kWarp;
  warp.rows[lane] = row;
  warp.barrier.wait();
  for (int matrix = 0; matrix < 4; ++matrix) {
    const auto* from = static_cast<const uint16_t*>(warp.rows[matrix * 8 + lane / 4]) + lane % 4 * 2;
    to[matrix] = from[0] | static_cast<uint32_t>(from[1]) << 16;
  }
  warp.barrier.wait();
}

inline void multiply(float (&sums)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  emulated::Warp& warp = emulated::own_warp();
  const int lane = threadIdx.x % emulated::kWarp;
  warp.a[lane] = a;
  warp.b[lane][0] = b0;
  warp.b[lane][1] = b1;
  warp.barrier.wait();
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + i / 2 * 8;
    const int column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; ++k) {
      const uint4& left = warp.a[row % 8 * 4 + k % 8 / 2];
      const uint32_t pairs[4] = {left.x, left.y, left.z, left.w};
      const uint32_t right = warp.b[column * 4 + k % 8 / 2][k / 8];
      sums[i] += emulated::half_of(pairs[row / 8 + k / 8 * 2], k % 2) * emulated::half_of(right, k % 2);
    }
  }
  warp.barrier.wait();
}

}  // namespace diptych::cuda
