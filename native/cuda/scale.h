// The arithmetic of diptych/axis.hpp and diptych/scale.hpp for one sample at a time.
#pragma once

#include "kernel.h"

namespace diptych::cuda {

DIPTYCH_DEVICE int at_least(int value, int least) { return value < least ? least : value; }
DIPTYCH_DEVICE int at_most(int value, int most) { return value > most ? most : value; }
DIPTYCH_DEVICE int clamp(int value, int least, int most) { return at_most(at_least(value, least), most); }
DIPTYCH_DEVICE int clamp_byte(int value) { return clamp(value, 0, 255); }

DIPTYCH_DEVICE const uint8_t* samples_of(const PlaneParams& plane) {
  return reinterpret_cast<const uint8_t*>(plane.data);
}

DIPTYCH_DEVICE int64_t position(const AxisParams& axis, int i) {
  const uint32_t rest = (axis.rest + axis.step_rest * static_cast<uint32_t>(i)) / axis.divisor;
  return axis.base + static_cast<int64_t>(axis.whole) * i + rest;
}

// Two neighbours, inside the source, and the weight of the second.
struct Pair {
  int first;
  int second;
  int weight;
};

template <int kBits>
DIPTYCH_DEVICE Pair linear_pair(const AxisParams& axis, int i) {
  const int64_t rounded = (position(axis, i) + (int64_t{1} << (15 - kBits))) >> (16 - kBits);
  const int left = static_cast<int>(rounded >> kBits);
  const int last = axis.size - 1;
  return {clamp(left, 0, last), clamp(left + 1, 0, last), static_cast<int>(rounded) & ((1 << kBits) - 1)};
}

constexpr int kLinearColumnBits = 7;
constexpr int kLinearRowBits = 15;

// `samples`, `stride`, `step`: of the plane.
DIPTYCH_DEVICE int mix_linear(const uint8_t* samples, int stride, int step, const Pair& x, const Pair& y) {
  const uint8_t* upper = samples + static_cast<int64_t>(y.first) * stride;
  const uint8_t* lower = samples + static_cast<int64_t>(y.second) * stride;
  const int left = x.first * step;
  const int right = x.second * step;
  const int above = (upper[left] - 128) * 128 + (upper[right] - upper[left]) * x.weight;
  const int below = (lower[left] - 128) * 128 + (lower[right] - lower[left]) * x.weight;
  const int mixed = above + (((below - above) * y.weight + 16384) >> 15);
  return ((mixed + 64) >> 7) + 128;
}

// Consecutive samples, not yet clamped to the source, with the weights of find_taps: `until(n)` is
// what the first n of them weigh together.
template <int kBits>
struct Taps {
  int first;
  int count;
  // Linear.
  int right_weight;
  // Area: where it begins in the first sample, and how long it is, Q16; length 0 for linear.
  uint32_t offset;
  uint32_t length;
  float weight_per_length;

  DIPTYCH_DEVICE int until(int n) const {
    if (n >= count) return 1 << kBits;
    if (length == 0) return (1 << kBits) - right_weight;
    // ((reached << bits) + length / 2) / length: an estimate, right but for one, then made exact.
    const uint32_t reached = (static_cast<uint32_t>(n) << 16) - offset;
    int quotient = static_cast<int>(static_cast<float>(reached) * weight_per_length + 0.5f);
    const int64_t dividend = (static_cast<int64_t>(reached) << kBits) + length / 2;
    const int64_t remainder = dividend - static_cast<int64_t>(quotient) * length;
    if (remainder < 0) --quotient;
    if (remainder >= static_cast<int64_t>(length)) ++quotient;
    return quotient;
  }
};

template <int kBits>
DIPTYCH_DEVICE Taps<kBits> taps_of(const AxisParams& axis, int i) {
  const int64_t start = position(axis, i);
  if (axis.is_area == 0) {
    const int64_t rounded = (start + (int64_t{1} << (15 - kBits))) >> (16 - kBits);
    return {static_cast<int>(rounded >> kBits), 2, static_cast<int>(rounded) & ((1 << kBits) - 1), 0, 0, 0};
  }
  const int64_t end = position(axis, i + 1);
  const int first = static_cast<int>(start >> 16);
  const int last = static_cast<int>((end - 1) >> 16);
  const auto length = static_cast<uint32_t>(end - start);
  return {first, last - first + 1,         0, static_cast<uint32_t>(start) & 65535,
          length, static_cast<float>(1 << kBits) / static_cast<float>(length)};
}

constexpr int kWeightedRowBits = 7;
constexpr int kWeightedColumnBits = 14;

DIPTYCH_DEVICE int sum_weighted(const uint8_t* samples, int stride, int step, int width, int height,
                                const Taps<kWeightedColumnBits>& x, const Taps<kWeightedRowBits>& y) {
  int sum = 0;
  int rows_before = 0;
  for (int row = 0; row < y.count; ++row) {
    const int rows_until = y.until(row + 1);
    const int row_weight = rows_until - rows_before;
    rows_before = rows_until;
    if (row_weight == 0) continue;
    const uint8_t* from = samples + static_cast<int64_t>(clamp(y.first + row, 0, height - 1)) * stride;
    int row_sum = 0;
    int columns_before = 0;
    for (int column = 0; column < x.count; ++column) {
      const int columns_until = x.until(column + 1);
      const int sample = from[clamp(x.first + column, 0, width - 1) * step];
      row_sum += (sample - 128) * (columns_until - columns_before);
      columns_before = columns_until;
    }
    sum += row_sum * row_weight;
  }
  return ((sum + (1 << 20)) >> 21) + 128;
}

// Sample (i, j) of the scaled plane.
DIPTYCH_DEVICE int scaled_sample(const PlaneParams& plane, const AxisParams& x, const AxisParams& y, int i, int j) {
  const uint8_t* samples = samples_of(plane);
  if (x.is_area == 0 && y.is_area == 0) {
    return mix_linear(samples, plane.stride, plane.step, linear_pair<kLinearColumnBits>(x, i),
                      linear_pair<kLinearRowBits>(y, j));
  }
  return sum_weighted(samples, plane.stride, plane.step, x.size, y.size, taps_of<kWeightedColumnBits>(x, i),
                      taps_of<kWeightedRowBits>(y, j));
}

}  // namespace diptych::cuda
