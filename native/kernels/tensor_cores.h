// What only a warp as a whole can do, on compute capability 8.0 and up: PTX ISA, "ldmatrix" and "mma.sync.m16n8k16". A
// test has threads of a CPU do it (native/test/emulated_cores.hpp).
#pragma once

#include "kernel.h"

#ifndef DIPTYCH_EMULATED_CORES
namespace diptych::cuda {

// Not moved across wait_for_part, but loads of weights may be moved across it.
DIPTYCH_DEVICE void load_matrices(uint32_t (&to)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(row))));
}

// Until all threads of a part are here.
template <int kThreads>
DIPTYCH_DEVICE void wait_for_part(int part) {
  if (kThreads == 32) {
    __syncwarp();
  } else {
    asm volatile("bar.sync %0, %1;" : : "r"(part + 1), "n"(kThreads) : "memory");
  }
}

DIPTYCH_DEVICE void multiply(float (&sums)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

}  // namespace diptych::cuda
#endif
