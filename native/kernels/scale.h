// The arithmetic of core/axis.hpp and core/scale.hpp for one sample at a time.
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

// Consecutive samples of the source, [first, last], with the weights of find_taps: `until(k)` is what
// those up to sample k weigh together. What lies outside the source weighs on its edge.
template <int kBits>
struct Taps {
  int first;
  int last;
  // Linear.
  int right_weight;
  // Area: Q16 position and length; length 0 for linear.
  int64_t start;
  uint32_t length;
  float weight_per_length;

  DIPTYCH_DEVICE int until(int k) const {
    if (k >= last) return 1 << kBits;
    if (length == 0) return (1 << kBits) - right_weight;
    // ((reached << bits) + length / 2) / length: an estimate, right but for one, then made exact.
    const auto reached = static_cast<uint32_t>((static_cast<int64_t>(k + 1) << 16) - start);
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
  const int edge = axis.size - 1;
  const int64_t start = position(axis, i);
  if (axis.is_area == 0) {
    const int64_t rounded = (start + (int64_t{1} << (15 - kBits))) >> (16 - kBits);
    const int left = static_cast<int>(rounded >> kBits);
    return {clamp(left, 0, edge), clamp(left + 1, 0, edge), static_cast<int>(rounded) & ((1 << kBits) - 1), 0, 0, 0};
  }
  const int64_t end = position(axis, i + 1);
  const auto length = static_cast<uint32_t>(end - start);
  return {clamp(static_cast<int>(start >> 16), 0, edge),
          clamp(static_cast<int>((end - 1) >> 16), 0, edge),
          0,
          start,
          length,
          static_cast<float>(1 << kBits) / static_cast<float>(length)};
}

constexpr int kWeightedRowBits = 7;
constexpr int kWeightedColumnBits = 14;

struct Samples {
  const uint8_t* data;
  int stride;
  int step;
};

// The same sample of planes of one size: each weight is found once.
template <int kPlanes>
DIPTYCH_DEVICE void sum_weighted(const Samples (&planes)[kPlanes], const Taps<kWeightedColumnBits>& x,
                                 const Taps<kWeightedRowBits>& y, int (&scaled)[kPlanes]) {
  int sums[kPlanes] = {};
  int rows_before = 0;
  for (int row = y.first; row <= y.last; ++row) {
    const int rows_until = y.until(row);
    const int row_weight = rows_until - rows_before;
    rows_before = rows_until;
    if (row_weight == 0) continue;
    int row_sums[kPlanes] = {};
    int columns_before = 0;
    for (int column = x.first; column <= x.last; ++column) {
      const int columns_until = x.until(column);
      const int weight = columns_until - columns_before;
      columns_before = columns_until;
      for (int i = 0; i < kPlanes; ++i) {
        const uint8_t* from = planes[i].data + static_cast<int64_t>(row) * planes[i].stride;
        row_sums[i] += (from[column * planes[i].step] - 128) * weight;
      }
    }
    for (int i = 0; i < kPlanes; ++i) sums[i] += row_sums[i] * row_weight;
  }
  for (int i = 0; i < kPlanes; ++i) scaled[i] = ((sums[i] + (1 << 20)) >> 21) + 128;
}

DIPTYCH_DEVICE int sum_weighted(const uint8_t* samples, int stride, int step, const Taps<kWeightedColumnBits>& x,
                                const Taps<kWeightedRowBits>& y) {
  const Samples planes[1] = {{samples, stride, step}};
  int scaled[1];
  sum_weighted(planes, x, y, scaled);
  return scaled[0];
}

// Sample (i, j) of the scaled plane.
DIPTYCH_DEVICE int scaled_sample(const PlaneParams& plane, const AxisParams& x, const AxisParams& y, int i, int j) {
  const uint8_t* samples = samples_of(plane);
  if (x.is_area == 0 && y.is_area == 0) {
    return mix_linear(samples, plane.stride, plane.step, linear_pair<kLinearColumnBits>(x, i),
                      linear_pair<kLinearRowBits>(y, j));
  }
  return sum_weighted(samples, plane.stride, plane.step, taps_of<kWeightedColumnBits>(x, i),
                      taps_of<kWeightedRowBits>(y, j));
}

}  // namespace diptych::cuda
