// How a kernel is written:
//
//   DIPTYCH_KERNEL(name, SomeParams) {
//     const int x = DIPTYCH_X, y = DIPTYCH_Y, z = DIPTYCH_Z;
//     … params.field …
//   }
//
// Threads of a block share nothing and never wait for each other; what they add up, they add with
// diptych_atomic_add. So a kernel means the same run thread by thread on a CPU. dense_conv.cu, where
// they share on a GPU, says in plain loops what that computes.
#pragma once

#include "params.h"

#ifdef __CUDACC__
#define DIPTYCH_DEVICE __device__ __forceinline__
#define DIPTYCH_KERNEL(name, Params) extern "C" __global__ void name(const Params params)
#define DIPTYCH_X static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x)
#define DIPTYCH_Y static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y)
#define DIPTYCH_Z static_cast<int>(blockIdx.z)
// Before a loop whose body is long: once in the code.
#define DIPTYCH_NO_UNROLL _Pragma("unroll 1")
DIPTYCH_DEVICE int diptych_atomic_add(int* to, int value) { return atomicAdd(to, value); }
DIPTYCH_DEVICE void diptych_atomic_add(unsigned long long* to, unsigned long long value) { atomicAdd(to, value); }
#else
#include <math.h>
#define DIPTYCH_DEVICE inline
namespace diptych::cuda {
struct SoftThread {
  int x;
  int y;
  int z;
};
}
// A module compiled for the CPU has `void name(const diptych::cuda::SoftThread&, const void* params)`.
#define DIPTYCH_KERNEL(name, Params)                                                               \
  static void name##_thread(const diptych::cuda::SoftThread& soft_thread, const Params& params);   \
  extern "C" void name(const diptych::cuda::SoftThread& soft_thread, const void* params) {         \
    name##_thread(soft_thread, *static_cast<const Params*>(params));                               \
  }                                                                                                \
  static void name##_thread(const diptych::cuda::SoftThread& soft_thread, const Params& params)
#define DIPTYCH_X (soft_thread.x)
#define DIPTYCH_Y (soft_thread.y)
#define DIPTYCH_Z (soft_thread.z)
#define DIPTYCH_NO_UNROLL
DIPTYCH_DEVICE int diptych_atomic_add(int* to, int value) {
  return __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}
DIPTYCH_DEVICE void diptych_atomic_add(unsigned long long* to, unsigned long long value) {
  __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}
#endif
