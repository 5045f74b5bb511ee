// What the kernels of dense_conv.cu and direct_conv.cu take.
#pragma once

#include "params.h"

namespace diptych::cuda {

// What becomes of a sum; the numbers are those of the operators' attribute `geometry`.
enum : int32_t {
  kNoActivation = 0,
  kRelu = 1,
  // x · sigmoid(x) (Elfwing et al., arXiv:1702.03118).
  kSilu = 2,
  // x where it is positive, else x times the filter's slope (PReLU: He et al., arXiv:1502.01852).
  kSlope = 3,
  kRelu6 = 4,
};

enum : int32_t {
  kNoResidual = 0,
  kResidualBefore = 1,
  kResidualAfter = 2,
};

// A convolution of pictures whose channels lie one behind the other (NCHW), dilation 1.
struct ConvParams {
  // 16- or 32-bit floats, by the kernel: [pictures, channels, height, width], weights, the result.
  uint64_t input;
  uint64_t weights;
  uint64_t output;
  // As the output, is added to it; 0 where there is none.
  uint64_t residual;
  // 32-bit floats, one a filter; the slope is 0 where none is used.
  uint64_t bias;
  uint64_t slope;
  int32_t pictures;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t filters;
  int32_t out_height;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_y;
  int32_t stride_x;
  int32_t pad_top;
  int32_t pad_left;
  int32_t group;
  int32_t activation;
  int32_t residual_place;
};

// Threads of a block of dense_conv.cu and direct_conv.cu, in a row.
constexpr int kConvThreads = 128;
// Channels of which dense_conv.cu wants a multiple in its weights.
constexpr int kConvSlice = 16;
// What a block of dense_conv.cu computes: so many filters of a rectangle of kTilePixels pixels, shared out to warps by
// rows and columns. Where that are less than all four, the others have the same of other channels, and the sums are added
// in the end: for small pictures, so that less is done one after the other. `window` is the number of places in the
// kernel, 0 where it may be any; `patch` how many pixels of the input a tile may see.
template <int window, int width, int patch, int filters, int warp_rows, int warp_columns>
struct ConvTile {
  static constexpr int kWindow = window;
  static constexpr int kWidth = width;
  static constexpr int kPatch = patch;
  static constexpr int kFilters = filters;
  static constexpr int kWarpRows = warp_rows;
  static constexpr int kWarpColumns = warp_columns;
};
constexpr int kTilePixels = 64;
// Width of tiles for windows of 3 × 3, and for any; and the pixels of the input that the latter may see: those of a
// window of 3 × 3 in steps of two.
constexpr int kWideTile = 16;
constexpr int kAnyTileSide = 8;
constexpr int kMostPatch = 17 * 17;

// Filters that one thread of direct_conv and of few_direct_conv computes, and pixels beside each other that one of
// depthwise_conv does.
constexpr int kDirectFilters = 8;
constexpr int kFewDirectFilters = 4;
constexpr int kDepthwiseRun = 4;

// Brings weights into the order in which a kernel takes them, once a network. For dense_conv.cu from the operator
// DenseConv's, [filters][window][channels] with channels padded to a multiple of kConvSlice, to that of the lanes of a
// warp, [sixteen filters][slice][window][32 lanes][8]; for direct_conv see there.
struct ArrangeParams {
  uint64_t from;
  uint64_t to;
  int32_t filters;
  int32_t window;
  int32_t channels;
};

}  // namespace diptych::cuda
