#pragma once

#include <algorithm>
#include <cstdint>

#include "core/rows.hpp"

// Loops that the compiler vectorises well by itself. Inlined, so that each set of row
// functions gets them compiled for its own instructions.

#define DIPTYCH_INLINE inline __attribute__((always_inline))

namespace diptych::loops {

// What is taken off a byte so that it fits 7 bits and a sign.
constexpr int kBias = 128;

DIPTYCH_INLINE uint8_t to_byte(int sample) { return static_cast<uint8_t>(((sample + 64) >> 7) + kBias); }

DIPTYCH_INLINE void mix_rows(const int16_t* upper, const int16_t* lower, int weight, uint8_t* out,
                             int begin, int count) {
  for (int i = begin; i < count; ++i) {
    out[i] = to_byte(upper[i] + (((lower[i] - upper[i]) * weight + 16384) >> 15));
  }
}

DIPTYCH_INLINE void sum_rows(const uint8_t* const* rows, const uint8_t* weights, int row_count,
                             int16_t* samples, int begin, int count) {
  for (int i = begin; i < count; ++i) samples[i] = 0;
  for (int row = 0; row < row_count; ++row) {
    const uint8_t* source = rows[row];
    const int weight = weights[row];
    for (int i = begin; i < count; ++i) {
      samples[i] = static_cast<int16_t>(samples[i] + weight * (source[i] - kBias));
    }
  }
}

DIPTYCH_INLINE void blend(uint8_t* below, const uint8_t* above, int alpha, int count) {
  const uint16_t keep = static_cast<uint16_t>(256 - alpha);
  const uint16_t take = static_cast<uint16_t>(alpha);
  for (int i = 0; i < count; ++i) {
    // Fits 16 bits: at most 255 · 256 + 128.
    const uint16_t sum = static_cast<uint16_t>(static_cast<uint16_t>(below[i] * keep) +
                                               static_cast<uint16_t>(above[i] * take) + 128);
    below[i] = static_cast<uint8_t>(sum >> 8);
  }
}

DIPTYCH_INLINE void unzip(const uint8_t* source, uint8_t* out, int count) {
  for (int i = 0; i < count; ++i) out[i] = source[2 * i];
}

DIPTYCH_INLINE uint8_t clamp_byte(int value) {
  return static_cast<uint8_t>(std::min(std::max(value, 0), 255));
}

DIPTYCH_INLINE void relight(uint8_t* __restrict luma, const int32_t* __restrict shifts, int gain, int count) {
  for (int i = 0; i < count; ++i) luma[i] = clamp_byte((gain * luma[i] + shifts[i]) >> 14);
}

DIPTYCH_INLINE void recolour(uint8_t* __restrict upper, uint8_t* __restrict lower, uint8_t* __restrict u,
                             uint8_t* __restrict v, int count, const ColourChange& change,
                             int32_t* __restrict shifts) {
  constexpr int kHalf = 8192;
  const ColourChange c = change;
  const int black = (16 << 14) + kHalf - c.luma * c.black;
  for (int i = 0; i < count; ++i) {
    const int cb = u[i] - 128;
    const int cr = v[i] - 128;
    const int shift = c.luma_u * cb + c.luma_v * cr + black;
    shifts[2 * i] = shift;
    shifts[2 * i + 1] = shift;
    u[i] = clamp_byte(128 + ((c.u_u * cb + c.u_v * cr + kHalf) >> 14));
    v[i] = clamp_byte(128 + ((c.v_u * cb + c.v_v * cr + kHalf) >> 14));
  }
  relight(upper, shifts, c.luma, 2 * count);
  relight(lower, shifts, c.luma, 2 * count);
}

template <int kStep>
DIPTYCH_INLINE void to_tensor(const uint8_t* __restrict y, const uint8_t* __restrict u,
                              const uint8_t* __restrict v, int count, const ColourMatrix& matrix,
                              const TensorRow& out) {
  const ColourMatrix m = matrix;
  const float mean = out.mean;
  const float scale = out.scale;
  float* __restrict red = out.red;
  float* __restrict green = out.green;
  float* __restrict blue = out.blue;
  const auto value = [mean, scale](int colour) {
    return (static_cast<float>(std::min(std::max(colour >> 13, 0), 255)) - mean) * scale;
  };
  for (int i = 0; i < count; ++i) {
    const int light = m.luma * (y[i] - m.black) + 4096;
    const int cb = u[i] - 128;
    const int cr = v[i] - 128;
    red[kStep * i] = value(light + m.red_v * cr);
    green[kStep * i] = value(light + m.green_u * cb + m.green_v * cr);
    blue[kStep * i] = value(light + m.blue_u * cb);
  }
}

}  // namespace diptych::loops
