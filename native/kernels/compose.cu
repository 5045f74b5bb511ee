// Paints a picture: core/compose.hpp defines the numbers. A thread paints 2×2 luma samples and the
// chroma they share, from the topmost opaque region upwards, so that what is covered costs nothing.
#include "compose_params.h"

#include "kernel.h"
#include "scale.h"

using namespace diptych::cuda;

namespace {

constexpr int kOpaque = 256;

// Luma from left to right, row by row.
struct Quad {
  int y[4];
  int u;
  int v;
};

DIPTYCH_DEVICE bool covers(const RegionParams& region, int x, int y) {
  return x >= region.left && x < region.right && y >= region.top && y < region.bottom;
}

DIPTYCH_DEVICE uint8_t* sample_at(const SamplesParams& samples, int x, int y) {
  return reinterpret_cast<uint8_t*>(samples.data) + static_cast<int64_t>(y) * samples.stride + x * samples.step;
}

DIPTYCH_DEVICE int linear_sample(const SamplesParams& from, const Pair& x, const Pair& y) {
  return mix_linear(reinterpret_cast<const uint8_t*>(from.data), from.stride, from.step, x, y);
}

DIPTYCH_DEVICE int weighted_sample(const SamplesParams& from, const AxisParams& x, const AxisParams& y, int i, int j) {
  return sum_weighted(reinterpret_cast<const uint8_t*>(from.data), from.stride, from.step,
                      taps_of<kWeightedColumnBits>(x, i), taps_of<kWeightedRowBits>(y, j));
}

// The 2×2 samples from (i, j) on.
DIPTYCH_DEVICE void scale_luma(const RegionParams& region, int i, int j, Quad& quad) {
  const AxisParams& x = region.luma_x;
  const AxisParams& y = region.luma_y;
  if (x.is_area == 0 && y.is_area == 0) {
    const Pair left = linear_pair<kLinearColumnBits>(x, i);
    const Pair right = linear_pair<kLinearColumnBits>(x, i + 1);
    const Pair upper = linear_pair<kLinearRowBits>(y, j);
    const Pair lower = linear_pair<kLinearRowBits>(y, j + 1);
    quad.y[0] = linear_sample(region.y, left, upper);
    quad.y[1] = linear_sample(region.y, right, upper);
    quad.y[2] = linear_sample(region.y, left, lower);
    quad.y[3] = linear_sample(region.y, right, lower);
    return;
  }
  DIPTYCH_NO_UNROLL
  for (int row = 0; row < 2; ++row) {
    const int left = weighted_sample(region.y, x, y, i, j + row);
    const int right = weighted_sample(region.y, x, y, i + 1, j + row);
    if (row == 0) {
      quad.y[0] = left;
      quad.y[1] = right;
    } else {
      quad.y[2] = left;
      quad.y[3] = right;
    }
  }
}

DIPTYCH_DEVICE void scale_chroma(const RegionParams& region, int i, int j, Quad& quad) {
  const AxisParams& x = region.chroma_x;
  const AxisParams& y = region.chroma_y;
  if (x.is_area == 0 && y.is_area == 0) {
    const Pair column = linear_pair<kLinearColumnBits>(x, i);
    const Pair row = linear_pair<kLinearRowBits>(y, j);
    quad.u = linear_sample(region.u, column, row);
    quad.v = linear_sample(region.v, column, row);
    return;
  }
  quad.u = weighted_sample(region.u, x, y, i, j);
  quad.v = weighted_sample(region.v, x, y, i, j);
}

DIPTYCH_DEVICE void recolour(const int32_t* change, Quad& quad) {
  const int black = change[0];
  const int luma = change[1];
  const int cb = quad.u - 128;
  const int cr = quad.v - 128;
  const int shift = change[2] * cb + change[3] * cr + (16 << 14) + 8192 - luma * black;
  for (int k = 0; k < 4; ++k) quad.y[k] = clamp_byte((luma * quad.y[k] + shift) >> 14);
  quad.u = clamp_byte(128 + ((change[4] * cb + change[5] * cr + 8192) >> 14));
  quad.v = clamp_byte(128 + ((change[6] * cb + change[7] * cr + 8192) >> 14));
}

DIPTYCH_DEVICE Quad painted(const RegionParams& region, int x, int y) {
  if (region.kind == kFill || region.kind == kCorners) {
    const int luma = region.numbers[0];
    return {{luma, luma, luma, luma}, region.numbers[1], region.numbers[2]};
  }
  Quad quad;
  scale_luma(region, x - region.left, y - region.top, quad);
  scale_chroma(region, (x - region.left) / 2, (y - region.top) / 2, quad);
  if (region.kind == kRecolouredPicture) recolour(region.numbers, quad);
  return quad;
}

// As core/corners.hpp: 0 … 256 of the sample at (x, y) lie outside of the arc that rounds its corner.
DIPTYCH_DEVICE int corner_cover(const RegionParams& region, int x, int y) {
  const int columns = region.right - region.left;
  const int rows = region.bottom - region.top;
  const int i = x - region.left;
  const int j = y - region.top;
  const bool is_right = 2 * i >= columns;
  const bool is_lower = 2 * j >= rows;
  const int radius = region.numbers[3 + (is_lower ? 2 : 0) + (is_right ? 1 : 0)];
  const int across = 2 * radius - 2 * (is_right ? columns - 1 - i : i) - 1;
  const int down = 2 * radius - 2 * (is_lower ? rows - 1 - j : j) - 1;
  if (across <= 0 || down <= 0) return 0;
  // The largest root whose square is not above this, bit by bit.
  const uint32_t square = static_cast<uint32_t>(across * across + down * down) << 8;
  uint32_t root = 0;
  DIPTYCH_NO_UNROLL
  for (uint32_t bit = 1u << 15; bit != 0; bit >>= 1) {
    const uint32_t next = root | bit;
    if (next * next <= square) root = next;
  }
  const int cover = static_cast<int>(root) - 32 * radius + 16;
  return 8 * (cover < 0 ? 0 : cover > 32 ? 32 : cover);
}

DIPTYCH_DEVICE int blend(int below, int above, int alpha) {
  return (below * (kOpaque - alpha) + above * alpha + 128) >> 8;
}

DIPTYCH_DEVICE void blend_corners(const RegionParams& region, int x, int y, const Quad& above, Quad& quad) {
  int sum = 2;
  for (int k = 0; k < 4; ++k) {
    const int cover = corner_cover(region, x + k % 2, y + k / 2);
    sum += cover;
    quad.y[k] = blend(quad.y[k], above.y[k], (cover * region.alpha + 128) >> 8);
  }
  const int alpha = ((sum >> 2) * region.alpha + 128) >> 8;
  quad.u = blend(quad.u, above.u, alpha);
  quad.v = blend(quad.v, above.v, alpha);
}

}  // namespace

// x, y: of the chroma sample.
DIPTYCH_KERNEL(compose, ComposeParams) {
  const int x = 2 * DIPTYCH_X;
  const int y = 2 * DIPTYCH_Y;
  if (x >= params.width || y >= params.height) return;

  // The regions that are seen here: from the topmost opaque one on.
  int lowest = params.region_count;
  bool is_painted = false;
  bool is_opaque = false;
  while (lowest > 0 && !is_opaque) {
    const RegionParams& region = params.regions[--lowest];
    if (!covers(region, x, y)) continue;
    is_painted = true;
    is_opaque = region.alpha == kOpaque && region.kind != kCorners;
  }
  if (!is_painted && params.is_first == 0) return;

  uint8_t* upper = sample_at(params.y, x, y);
  uint8_t* lower = upper + params.y.stride;
  uint8_t* u = sample_at(params.u, x / 2, y / 2);
  uint8_t* v = sample_at(params.v, x / 2, y / 2);
  Quad quad{{16, 16, 16, 16}, 128, 128};
  if (!is_opaque && params.is_first == 0) quad = {{upper[0], upper[1], lower[0], lower[1]}, *u, *v};
  DIPTYCH_NO_UNROLL
  for (int i = lowest; i < params.region_count; ++i) {
    const RegionParams& region = params.regions[i];
    if (!covers(region, x, y)) continue;
    const Quad above = painted(region, x, y);
    if (region.kind == kCorners) {
      blend_corners(region, x, y, above, quad);
      continue;
    }
    const int alpha = region.alpha;
    for (int k = 0; k < 4; ++k) quad.y[k] = blend(quad.y[k], above.y[k], alpha);
    quad.u = blend(quad.u, above.u, alpha);
    quad.v = blend(quad.v, above.v, alpha);
  }
  // Two samples in one store: x is even, and so are address and stride.
  *reinterpret_cast<uint16_t*>(upper) = static_cast<uint16_t>(quad.y[0] | quad.y[1] << 8);
  *reinterpret_cast<uint16_t*>(lower) = static_cast<uint16_t>(quad.y[2] | quad.y[3] << 8);
  *u = static_cast<uint8_t>(quad.u);
  *v = static_cast<uint8_t>(quad.v);
}
