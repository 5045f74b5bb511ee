// What both kinds of convolution have in common.
#pragma once

#include "conv_params.h"
#include "kernel.h"

namespace diptych::cuda {

// The bits of a 16-bit float (IEEE 754 binary16), so that no header of CUDA's is needed.
struct Half {
  uint16_t bits;
};

#ifdef __CUDACC__
DIPTYCH_DEVICE float number(Half value) {
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
  return result;
}
DIPTYCH_DEVICE void put(Half* to, float value) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to->bits) : "f"(value)); }
DIPTYCH_DEVICE float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
// Both to about the last two of 24 bits, many more than a 16-bit float has.
DIPTYCH_DEVICE float exponential(float value) { return __expf(value); }
DIPTYCH_DEVICE float quotient(float a, float b) { return __fdividef(a, b); }
#else
DIPTYCH_DEVICE float number(Half value) {
  _Float16 half;
  __builtin_memcpy(&half, &value.bits, sizeof half);
  return static_cast<float>(half);
}
DIPTYCH_DEVICE void put(Half* to, float value) {
  const _Float16 half = static_cast<_Float16>(value);
  __builtin_memcpy(&to->bits, &half, sizeof half);
}
DIPTYCH_DEVICE float multiply_add(float a, float b, float c) { return a * b + c; }
DIPTYCH_DEVICE float exponential(float value) { return expf(value); }
DIPTYCH_DEVICE float quotient(float a, float b) { return a / b; }
#endif
DIPTYCH_DEVICE float number(float value) { return value; }
DIPTYCH_DEVICE void put(float* to, float value) { *to = value; }

// A pixel of the output, and where its window begins in the input; either may lie outside.
struct OutputPixel {
  int picture;
  // In the picture, row by row.
  int place;
  int top;
  int left;
};

DIPTYCH_DEVICE OutputPixel output_pixel(const ConvParams& params, int index) {
  const int pixels = params.out_height * params.out_width;
  const int picture = index / pixels;
  const int place = index - picture * pixels;
  const int row = place / params.out_width;
  return {picture, place, row * params.stride_y - params.pad_top,
          (place - row * params.out_width) * params.stride_x - params.pad_left};
}

DIPTYCH_DEVICE float activated(const ConvParams& params, int filter, float value) {
  switch (params.activation) {
    case kRelu:
      return value > 0 ? value : 0;
    case kSilu:
      return quotient(value, 1 + exponential(-value));
    case kSlope:
      return value > 0 ? value : value * reinterpret_cast<const float*>(params.slope)[filter];
    case kRelu6:
      return value > 0 ? (value < 6 ? value : 6) : 0;
    default:
      return value;
  }
}

// What comes out for a sum: with bias, residual and activation. `index` is its place in the output.
template <typename Number>
DIPTYCH_DEVICE float result_of(const ConvParams& params, float sum, int filter, int index) {
  float value = sum + reinterpret_cast<const float*>(params.bias)[filter];
  const float other =
      params.residual_place == kNoResidual ? 0 : number(reinterpret_cast<const Number*>(params.residual)[index]);
  if (params.residual_place == kResidualBefore) value += other;
  value = activated(params, filter, value);
  if (params.residual_place == kResidualAfter) value += other;
  return value;
}

}  // namespace diptych::cuda
