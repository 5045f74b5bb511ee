// What the kernel of compose.cu takes.
#pragma once

#include "params.h"

namespace diptych::cuda {

// Regions of one launch: what the 4 KB of a kernel's parameters have room for.
constexpr int kMostRegions = 16;

// Sample (x, y) is data[y · stride + x · step].
struct SamplesParams {
  uint64_t data;
  int32_t stride;
  int32_t step;
};

enum RegionKind { kPicture, kRecolouredPicture, kFill, kCorners };

// As diptych::PaintRegion.
struct RegionParams {
  SamplesParams y;
  SamplesParams u;
  SamplesParams v;
  AxisParams luma_x;
  AxisParams luma_y;
  AxisParams chroma_x;
  AxisParams chroma_y;
  // Of the output, even: what is painted; and the corner that the axes count from.
  int32_t left;
  int32_t top;
  int32_t right;
  int32_t bottom;
  // 1 … 256 (opaque).
  int32_t alpha;
  RegionKind kind;
  // kRecolouredPicture: the members of diptych::ColourChange in their order. kFill: Y, U, V.
  // kCorners: Y, U, V, then the radii in the order of diptych::PaintRegion.
  int32_t numbers[8];
};

struct ComposeParams {
  // The output; its luma is even in address and stride.
  SamplesParams y;
  SamplesParams u;
  SamplesParams v;
  int32_t width;
  int32_t height;
  int32_t region_count;
  // Whether these are the regions at the bottom, over black, or go over what is there.
  int32_t is_first;
  RegionParams regions[kMostRegions];
};

static_assert(sizeof(ComposeParams) <= 4096, "more than a kernel can take");

}  // namespace diptych::cuda
