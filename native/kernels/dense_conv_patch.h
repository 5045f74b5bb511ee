// What a block of dense_conv.cu sees of the input, and how it is brought into shared memory.
#pragma once

#include "conv.h"

namespace diptych::cuda {

// Channels of a pixel in shared memory, of which the last ones are not used: so pixels beside each other lie in
// different banks.
constexpr int kSampleRow = kConvSlice + 8;

// Where a block works: a rectangle of one picture's pixels, and the patch of the input that it sees.
template <int kTileWidth>
struct Patch {
  static constexpr int kTileHeight = kTilePixels / kTileWidth;

  int picture;
  // Of the output.
  int row;
  int column;
  // Of the input; may lie outside.
  int top;
  int left;
  // Of the patch.
  int height;
  int width;

  DIPTYCH_DEVICE explicit Patch(const ConvParams& params) {
    const int across = (params.out_width + kTileWidth - 1) / kTileWidth;
    picture = blockIdx.z;
    row = blockIdx.x / across * kTileHeight;
    column = blockIdx.x % across * kTileWidth;
    top = row * params.stride_y - params.pad_top;
    left = column * params.stride_x - params.pad_left;
    height = (kTileHeight - 1) * params.stride_y + params.kernel_height;
    width = (kTileWidth - 1) * params.stride_x + params.kernel_width;
  }
};

// Brings kSlices times kConvSlice channels of the patch, first into registers, then into shared memory: what one of
// kThreads threads has of it.
template <int kSlices, int kPatch, int kThreads>
struct Loader {
  static constexpr int kRounds = (kSlices * kPatch + kThreads - 1) / kThreads;

  int plane;
  int channels;
  int size;
  int thread;
  // Of each pixel that this thread brings, in a channel; negative where it lies outside.
  int offsets[kRounds];
  const uint16_t* input;
  uint32_t samples[kRounds][kConvSlice / 2];

  template <typename Patch>
  DIPTYCH_DEVICE Loader(const ConvParams& params, const Patch& patch, int thread) : thread(thread) {
    plane = params.height * params.width;
    channels = params.channels;
    size = patch.height * patch.width;
    input = reinterpret_cast<const uint16_t*>(params.input) + static_cast<int64_t>(patch.picture) * channels * plane;
#pragma unroll
    for (int i = 0; i < kRounds; ++i) {
      const int pixel = (thread + i * kThreads) % kPatch;
      const int row = pixel / patch.width;
      const int y = patch.top + row;
      const int x = patch.left + pixel - row * patch.width;
      const bool is_inside = pixel < size && y >= 0 && y < params.height && x >= 0 && x < params.width;
      offsets[i] = is_inside ? y * params.width + x : -1;
    }
  }

  // From slice `first` on.
  DIPTYCH_DEVICE void load(int first) {
#pragma unroll
    for (int i = 0; i < kRounds; ++i) {
      const int channel = (first + (thread + i * kThreads) / kPatch) * kConvSlice;
      const uint16_t* sample = input + static_cast<int64_t>(channel) * plane + offsets[i];
      const int count = offsets[i] < 0 ? 0 : channels - channel;
      if (count >= kConvSlice) {
#pragma unroll
        for (int k = 0; k < kConvSlice / 2; ++k) {
          const uint32_t low = __ldg(sample + 2 * k * plane);
          const uint32_t high = __ldg(sample + (2 * k + 1) * plane);
          samples[i][k] = low | high << 16;
        }
        continue;
      }
#pragma unroll
      for (int k = 0; k < kConvSlice / 2; ++k) samples[i][k] = 0;
      if (count <= 0) continue;
#pragma unroll
      for (int k = 0; k < kConvSlice; ++k) {
        if (k < count) samples[i][k / 2] |= static_cast<uint32_t>(__ldg(sample + k * plane)) << k % 2 * 16;
      }
    }
  }

  // `shared` is [kSlices][kPatch][kSampleRow].
  DIPTYCH_DEVICE void store(uint16_t* shared) const {
#pragma unroll
    for (int i = 0; i < kRounds; ++i) {
      const int item = thread + i * kThreads;
      if (item >= kSlices * kPatch || item % kPatch >= size) continue;
      uint4* to = reinterpret_cast<uint4*>(shared + item * kSampleRow);
      to[0] = uint4{samples[i][0], samples[i][1], samples[i][2], samples[i][3]};
      to[1] = uint4{samples[i][4], samples[i][5], samples[i][6], samples[i][7]};
    }
  }
};

}  // namespace diptych::cuda
