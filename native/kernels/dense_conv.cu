// Convolutions in 16 bits whose filters see all channels, as products of matrices (implicit GEMM: Chetlur et
// al., arXiv:1410.0759): filters × (channels, window) by (channels, window) × pixels. What a tile of pixels sees of
// sixteen channels is brought once for all places of the window.
#include "conv.h"

using namespace diptych::cuda;

#if (defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800) || defined(DIPTYCH_EMULATED_CORES)
#define DIPTYCH_TENSOR_CORES 1
#include "dense_conv_tile.h"
#endif

namespace {

#ifndef DIPTYCH_TENSOR_CORES
// The same tile number by number: where there are no tensor cores that can, and on the CPU.
// Where a weight lies after arrange_weights.
DIPTYCH_DEVICE int64_t arranged_weight(int slices, int window, int filter, int place, int channel) {
  const int64_t part = (static_cast<int64_t>(filter / 16) * slices + channel / kConvSlice) * window + place;
  const int in_slice = channel % kConvSlice;
  const int lane = filter % 8 * 4 + in_slice % 8 / 2;
  return (part * 32 + lane) * 8 + in_slice / 8 * 4 + filter % 16 / 8 * 2 + in_slice % 2;
}

DIPTYCH_DEVICE float sum_of(const ConvParams& params, int filter, const OutputPixel& at) {
  const int slices = (params.channels + kConvSlice - 1) / kConvSlice;
  const int window = params.kernel_height * params.kernel_width;
  const int64_t plane = static_cast<int64_t>(params.height) * params.width;
  const Half* input = reinterpret_cast<const Half*>(params.input) + at.picture * params.channels * plane;
  const Half* weights = reinterpret_cast<const Half*>(params.weights);
  float sum = 0;
  for (int row = 0; row < params.kernel_height; ++row) {
    for (int column = 0; column < params.kernel_width; ++column) {
      const int y = at.top + row;
      const int x = at.left + column;
      if (y < 0 || y >= params.height || x < 0 || x >= params.width) continue;
      const Half* sample = input + static_cast<int64_t>(y) * params.width + x;
      const int place = row * params.kernel_width + column;
      for (int channel = 0; channel < params.channels; ++channel) {
        const int64_t weight = arranged_weight(slices, window, filter, place, channel);
        sum = multiply_add(number(sample[channel * plane]), number(weights[weight]), sum);
      }
    }
  }
  return sum;
}

template <typename Tile>
DIPTYCH_DEVICE void convolve(const ConvParams& params, int x, int y, int z) {
  const int across = (params.out_width + Tile::kWidth - 1) / Tile::kWidth;
  const int tile = x / kConvThreads;
  for (int i = x % kConvThreads; i < Tile::kFilters * kTilePixels; i += kConvThreads) {
    const int filter = y * Tile::kFilters + i / kTilePixels;
    const int pixel = i % kTilePixels;
    const int row = tile / across * (kTilePixels / Tile::kWidth) + pixel / Tile::kWidth;
    const int column = tile % across * Tile::kWidth + pixel % Tile::kWidth;
    if (filter >= params.filters || row >= params.out_height || column >= params.out_width) continue;
    const int pixels = params.out_height * params.out_width;
    const OutputPixel at = output_pixel(params, z * pixels + row * params.out_width + column);
    const int index = (z * params.filters + filter) * pixels + at.place;
    put(reinterpret_cast<Half*>(params.output) + index,
        result_of<Half>(params, sum_of(params, filter, at), filter, index));
  }
}
#endif

}  // namespace

// x: tile, kConvThreads for each; y: which run of the tile's filters; z: picture.
#define DIPTYCH_DENSE_CONV(name, ...) \
  DIPTYCH_KERNEL(name, ConvParams) { convolve<ConvTile<__VA_ARGS__>>(params, DIPTYCH_X, DIPTYCH_Y, DIPTYCH_Z); }
// A window of one pixel; 3 × 3, in steps of one and of two; any other.
DIPTYCH_DENSE_CONV(dense_conv_1_16_parts, 1, kTilePixels, kTilePixels, 16, 1, 1)
DIPTYCH_DENSE_CONV(dense_conv_1_16, 1, kTilePixels, kTilePixels, 16, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_1_32, 1, kTilePixels, kTilePixels, 32, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_1_64, 1, kTilePixels, kTilePixels, 64, 2, 2)
DIPTYCH_DENSE_CONV(dense_conv_3_16_parts, 9, kAnyTileSide, 100, 16, 1, 1)
DIPTYCH_DENSE_CONV(dense_conv_3_16, 9, kWideTile, 108, 16, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_3_32, 9, kWideTile, 108, 32, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_3_64, 9, kWideTile, 108, 64, 2, 2)
DIPTYCH_DENSE_CONV(dense_conv_3_half_16_parts, 9, kAnyTileSide, kMostPatch, 16, 1, 2)
DIPTYCH_DENSE_CONV(dense_conv_3_half_16, 9, kWideTile, 297, 16, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_3_half_32, 9, kWideTile, 297, 32, 1, 4)
DIPTYCH_DENSE_CONV(dense_conv_3_half_64, 9, kWideTile, 297, 64, 2, 2)
DIPTYCH_DENSE_CONV(dense_conv_any_32, 0, kAnyTileSide, kMostPatch, 32, 1, 4)
#undef DIPTYCH_DENSE_CONV

// x: slice and place of the window, 32 lanes for each; y: which sixteen filters.
DIPTYCH_KERNEL(arrange_weights, ArrangeParams) {
  const int lane = DIPTYCH_X % 32;
  const int part = DIPTYCH_X / 32;
  const int slices = (params.channels + kConvSlice - 1) / kConvSlice;
  if (part >= slices * params.window) return;
  const int slice = part / params.window;
  const int place = part % params.window;
  const Half* from = reinterpret_cast<const Half*>(params.from);
  Half* to = reinterpret_cast<Half*>(params.to) +
             ((static_cast<int64_t>(DIPTYCH_Y) * slices * params.window + part) * 32 + lane) * 8;
  for (int i = 0; i < 8; ++i) {
    const int filter = DIPTYCH_Y * 16 + lane / 4 + i / 2 % 2 * 8;
    const int channel = lane % 4 * 2 + i % 2 + i / 4 * 8;
    to[i] = Half{0};
    if (filter >= params.filters) continue;
    to[i] = from[((static_cast<int64_t>(filter) * params.window + place) * slices + slice) * kConvSlice + channel];
  }
}
