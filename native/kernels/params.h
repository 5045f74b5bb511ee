// What kernels take, shared by the kernels (CUDA C++) and the host code (C++17). Every kernel takes
// one struct by value and is written with DIPTYCH_KERNEL, so that the same source also compiles as
// plain C++ and runs on the CPU, thread after thread (native/test/soft-cuda does so in CI).
#pragma once

#ifdef __CUDACC_RTC__
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#else
#include <stdint.h>
#endif

namespace diptych::cuda {

// A plane in device memory; as diptych::Plane.
struct PlaneParams {
  uint64_t data;
  int32_t stride;
  int32_t step;
  int32_t width;
  int32_t height;
};

// A diptych::Axis without its 64-bit division: with all of the last part in unsigned 32 bits,
//
//   position(i) = base + whole · i + (rest + step_rest · i) / divisor
//
// is P(i), or S(i) of an axis that needs area, for every i of an output of at most 32768 pixels.
struct AxisParams {
  int64_t base;
  uint32_t whole;
  uint32_t rest;
  uint32_t step_rest;
  uint32_t divisor;
  // Samples of the source plane.
  int32_t size;
  int32_t is_area;
};

}  // namespace diptych::cuda
