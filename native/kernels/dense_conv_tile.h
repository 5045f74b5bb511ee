// A tile of dense_conv.cu on tensor cores (compute capability 8.0 and up): PTX ISA, "mma.sync.m16n8k16" and "ldmatrix".
#pragma once

#include "dense_conv_patch.h"

namespace diptych::cuda {

// Not moved across wait_for_part, but loads of weights may be moved across it.
DIPTYCH_DEVICE void load_matrices(uint32_t (&to)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(row))));
}

// Until all threads of a part are here.
template <int kThreads>
DIPTYCH_DEVICE void wait_for_part(int part) {
  if (kThreads == 32) {
    __syncwarp();
  } else {
    asm volatile("bar.sync %0, %1;" : : "r"(part + 1), "n"(kThreads) : "memory");
  }
}

DIPTYCH_DEVICE void multiply(float (&sums)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

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

template <typename Tile>
DIPTYCH_DEVICE void convolve(const ConvParams& params, int, int, int) {
  constexpr int kWindow = Tile::kWindow;
  // A window of one pixel has little to do for what it brings.
  constexpr int kSlices = kWindow == 1 ? 2 : 1;
  constexpr int kPixels = kTilePixels;
  constexpr int kThreads = Tile::kWarpRows * Tile::kWarpColumns * 32;
  constexpr int kParts = kConvThreads / kThreads;
  constexpr int kRows = Tile::kFilters / Tile::kWarpRows;
  constexpr int kColumns = kPixels / Tile::kWarpColumns;
  constexpr int kPartSize = kSlices * Tile::kPatch * kSampleRow;
  // Later the sums of all parts.
  constexpr int kSumsSize = kParts == 1 ? 0 : kParts * Tile::kFilters * kPixels * 2;
  __shared__ __align__(16) uint16_t shared[kParts * kPartSize > kSumsSize ? kParts * kPartSize : kSumsSize];

  const int lane = threadIdx.x % 32;
  const int part = threadIdx.x / kThreads;
  const int warp = threadIdx.x % kThreads / 32;
  const int own_row = warp / Tile::kWarpColumns * kRows;
  const int first_row = blockIdx.y * Tile::kFilters + own_row;
  const int first_column = warp % Tile::kWarpColumns * kColumns;
  uint16_t* const own = shared + part * kPartSize;
  const Patch<Tile::kWidth> patch(params);
  Loader<kSlices, Tile::kPatch, kThreads> loader(params, patch, threadIdx.x % kThreads);
  WarpSums<kRows, kColumns> sums;
  sums.clear();

  // Half of the lanes name rows of the first eight channels, half of the others: see ldmatrix.
  const uint16_t* rows[kColumns / 16];
#pragma unroll
  for (int j = 0; j < kColumns / 16; ++j) {
    const int pixel = first_column + j * 16 + lane / 16 * 8 + lane % 8;
    const int place = pixel / Tile::kWidth * params.stride_y * patch.width + pixel % Tile::kWidth * params.stride_x;
    rows[j] = own + place * kSampleRow + lane / 8 % 2 * 8;
  }
  const int slices = (params.channels + kConvSlice - 1) / kConvSlice;
  const int window = kWindow == 0 ? params.kernel_height * params.kernel_width : kWindow;
  const int across = kWindow == 0 ? params.kernel_width : kWindow == 9 ? 3 : 1;
  const uint4* weights[kRows / 16];
#pragma unroll
  for (int i = 0; i < kRows / 16; ++i) {
    // Weights end with the last sixteen filters.
    const int sixteen = first_row / 16 + i;
    const int last = (params.filters - 1) / 16;
    weights[i] = reinterpret_cast<const uint4*>(params.weights) +
                 static_cast<int64_t>(sixteen < last ? sixteen : last) * slices * window * 32 + lane;
  }

  constexpr int kStep = kSlices * kParts;
  loader.load(part * kSlices);
  for (int slice = part * kSlices; slice < slices; slice += kStep) {
    loader.store(own);
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

  const Output<Tile::kWidth> output{params, patch};
  if (kParts > 1) {
    __syncthreads();
    float* parts = reinterpret_cast<float*>(shared);
    sums.each([&](int row, int column, float left, float right) {
      float* to = parts + (part * Tile::kFilters + own_row + row) * kPixels + first_column + column;
      to[0] = left;
      to[1] = right;
    });
    __syncthreads();
#pragma unroll
    for (int i = threadIdx.x * 2; i < Tile::kFilters * kPixels; i += kConvThreads * 2) {
      float left = 0;
      float right = 0;
#pragma unroll
      for (int k = 0; k < kParts; ++k) {
        left += parts[k * Tile::kFilters * kPixels + i];
        right += parts[k * Tile::kFilters * kPixels + i + 1];
      }
      output.put_pair(blockIdx.y * Tile::kFilters + i / kPixels, i % kPixels, left, right);
    }
    return;
  }
  sums.each([&](int row, int column, float left, float right) {
    output.put_pair(first_row + row, first_column + column, left, right);
  });
}

}  // namespace diptych::cuda
