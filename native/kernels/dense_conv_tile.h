// A tile of dense_conv.cu on tensor cores.
#pragma once

#include "dense_conv_patch.h"
#include "tensor_cores.h"

namespace diptych::cuda {

// The sums of one warp: kRows filters of kColumns pixels of the tile.
template <int kRows, int kColumns>
struct WarpSums {
  float sums[kRows / 16][kColumns / 8][4];

  DIPTYCH_DEVICE void clear() {
#pragma unroll
    for (int i = 0; i < kRows / 16; ++i) {
#pragma unroll
      for (int j = 0; j < kColumns / 8; ++j) {
#pragma unroll
        for (int k = 0; k < 4; ++k) sums[i][j][k] = 0;
      }
    }
  }

  // Calls take(row, column, sum, sum of the column to the right).
  template <typename Take>
  DIPTYCH_DEVICE void each(Take take) const {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < kRows / 8; ++i) {
#pragma unroll
      for (int j = 0; j < kColumns / 8; ++j) {
        take(i * 8 + lane / 4, j * 8 + lane % 4 * 2, sums[i / 2][j][i % 2 * 2], sums[i / 2][j][i % 2 * 2 + 1]);
      }
    }
  }

  // `rows` is where this lane finds its pixel of every 16 in the patch.
  DIPTYCH_DEVICE void add(const uint4 (&weights)[kRows / 16], const uint16_t* const (&rows)[kColumns / 16],
                          int offset) {
#pragma unroll
    for (int j = 0; j < kColumns / 16; ++j) {
      uint32_t b[4];
      load_matrices(b, rows[j] + offset);
#pragma unroll
      for (int i = 0; i < kRows / 16; ++i) {
        multiply(sums[i][2 * j], weights[i], b[0], b[1]);
        multiply(sums[i][2 * j + 1], weights[i], b[2], b[3]);
      }
    }
  }
};

// Puts out sums of a filter in pixels of the tile.
template <int kTileWidth>
struct Output {
  const ConvParams& params;
  const Patch<kTileWidth>& patch;

  // Sums of pixel `pixel` and the next one, which are in one row of the tile.
  DIPTYCH_DEVICE void put_pair(int filter, int pixel, float left, float right) const {
    const int y = patch.row + pixel / kTileWidth;
    const int x = patch.column + pixel % kTileWidth;
    const int count = y < params.out_height ? params.out_width - x : 0;
    if (count <= 0 || filter >= params.filters) return;
    const int index = ((patch.picture * params.filters + filter) * params.out_height + y) * params.out_width + x;
    Half* to = reinterpret_cast<Half*>(params.output) + index;
    Half pair[2];
    put(&pair[0], result_of<Half>(params, left, filter, index));
    if (count < 2) {
      to[0] = pair[0];
      return;
    }
    put(&pair[1], result_of<Half>(params, right, filter, index + 1));
    if (index % 2 == 0) {
      *reinterpret_cast<uint32_t*>(to) = pair[0].bits | static_cast<uint32_t>(pair[1].bits) << 16;
    } else {
      to[0] = pair[0];
      to[1] = pair[1];
    }
  }
};

// A block of dense_conv.cu, as one of its threads sees it.
template <typename Tile>
struct Block {
  static constexpr int kWindow = Tile::kWindow;
  // A window of one pixel has little to do for what it brings.
  static constexpr int kSlices = kWindow == 1 ? 2 : 1;
  static constexpr int kThreads = Tile::kWarpRows * Tile::kWarpColumns * 32;
  static constexpr int kParts = kConvThreads / kThreads;
  static constexpr int kRows = Tile::kFilters / Tile::kWarpRows;
  static constexpr int kColumns = kTilePixels / Tile::kWarpColumns;
  static constexpr int kPartSize = kSlices * Tile::kPatch * kSampleRow;
  // Shared memory has what all parts see of the input, and later the sums of all parts.
  static constexpr int kSumsSize = kParts == 1 ? 0 : kParts * Tile::kFilters * kTilePixels * 2;
  static constexpr int kSharedSize = kParts * kPartSize > kSumsSize ? kParts * kPartSize : kSumsSize;
  using Sums = WarpSums<kRows, kColumns>;

  const ConvParams& params;
  const Patch<Tile::kWidth> patch;
  uint16_t* const shared;
  const int lane = threadIdx.x % 32;
  const int part = threadIdx.x / kThreads;
  const int warp = threadIdx.x % kThreads / 32;
  // Of the tile, where this warp begins.
  const int first_row = warp / Tile::kWarpColumns * kRows;
  const int first_column = warp % Tile::kWarpColumns * kColumns;
  const int slices;
  // Places of the window.
  const int window;

  DIPTYCH_DEVICE Block(const ConvParams& params, uint16_t* shared)
      : params(params),
        patch(params),
        shared(shared),
        slices((params.channels + kConvSlice - 1) / kConvSlice),
        window(kWindow == 0 ? params.kernel_height * params.kernel_width : kWindow) {}

  // Half of the lanes name rows of the first eight channels, half of the others: see ldmatrix.
  DIPTYCH_DEVICE const uint16_t* row_of(int sixteen) const {
    const int pixel = first_column + sixteen * 16 + lane / 16 * 8 + lane % 8;
    const int place = pixel / Tile::kWidth * params.stride_y * patch.width + pixel % Tile::kWidth * params.stride_x;
    return shared + part * kPartSize + place * kSampleRow + lane / 8 % 2 * 8;
  }

  // Weights end with the last sixteen filters.
  DIPTYCH_DEVICE const uint4* weights_of(int sixteen) const {
    const int wanted = (blockIdx.y * Tile::kFilters + first_row) / 16 + sixteen;
    const int last = (params.filters - 1) / 16;
    return reinterpret_cast<const uint4*>(params.weights) +
           static_cast<int64_t>(wanted < last ? wanted : last) * slices * window * 32 + lane;
  }

  DIPTYCH_DEVICE void sum(Sums& sums) const {
    constexpr int kStep = kSlices * kParts;
    const int across = kWindow == 0 ? params.kernel_width : kWindow == 9 ? 3 : 1;
    const uint16_t* rows[kColumns / 16];
    const uint4* weights[kRows / 16];
#pragma unroll
    for (int i = 0; i < kColumns / 16; ++i) rows[i] = row_of(i);
#pragma unroll
    for (int i = 0; i < kRows / 16; ++i) weights[i] = weights_of(i);
    Loader<kSlices, Tile::kPatch, kThreads> loader(params, patch, threadIdx.x % kThreads);
    loader.load(part * kSlices);
    for (int slice = part * kSlices; slice < slices; slice += kStep) {
      loader.store(shared + part * kPartSize);
      wait_for_part<kThreads>(part);
      if (slice + kStep < slices) loader.load(slice + kStep);
#pragma unroll
      for (int k = 0; k < kSlices; ++k) {
        if (slice + k >= slices) break;
#pragma unroll
        for (int place = 0; place < window; ++place) {
          uint4 a[kRows / 16];
#pragma unroll
          for (int i = 0; i < kRows / 16; ++i) a[i] = __ldg(weights[i] + ((slice + k) * window + place) * 32);
          const int row = place / across;
          sums.add(a, rows, (k * Tile::kPatch + row * patch.width + place - row * across) * kSampleRow);
        }
      }
      wait_for_part<kThreads>(part);
    }
  }

  // What the parts have of the same sums is added.
  DIPTYCH_DEVICE void put_parts(const Sums& sums, const Output<Tile::kWidth>& output) const {
    constexpr int kAll = Tile::kFilters * kTilePixels;
    float* parts = reinterpret_cast<float*>(shared);
    __syncthreads();
    sums.each([&](int row, int column, float left, float right) {
      float* to = parts + part * kAll + (first_row + row) * kTilePixels + first_column + column;
      to[0] = left;
      to[1] = right;
    });
    __syncthreads();
#pragma unroll
    for (int i = threadIdx.x * 2; i < kAll; i += kConvThreads * 2) {
      float left = 0;
      float right = 0;
#pragma unroll
      for (int k = 0; k < kParts; ++k) {
        left += parts[k * kAll + i];
        right += parts[k * kAll + i + 1];
      }
      output.put_pair(blockIdx.y * Tile::kFilters + i / kTilePixels, i % kTilePixels, left, right);
    }
  }

  DIPTYCH_DEVICE void put(const Sums& sums) const {
    const Output<Tile::kWidth> output{params, patch};
    if (kParts > 1) {
      put_parts(sums, output);
      return;
    }
    sums.each([&](int row, int column, float left, float right) {
      output.put_pair(blockIdx.y * Tile::kFilters + first_row + row, first_column + column, left, right);
    });
  }
};

// Which thread it is matters to those who compute number by number only.
template <typename Tile>
DIPTYCH_DEVICE void convolve(const ConvParams& params, int, int, int) {
  __shared__ __align__(16) uint16_t shared[Block<Tile>::kSharedSize];
  const Block<Tile> block(params, shared);
  typename Block<Tile>::Sums sums;
  sums.clear();
  block.sum(sums);
  block.put(sums);
}

}  // namespace diptych::cuda
