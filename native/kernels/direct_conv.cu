// Convolutions computed number by number: of groups of channels (depthwise), and of small networks, whose time is that
// of starting kernels.
#include "conv.h"

using namespace diptych::cuda;

namespace {

// Read at once.
struct alignas(16) Four {
  float a;
  float b;
  float c;
  float d;
};

// Any groups; one filter in one pixel of all pictures.
template <typename Number>
DIPTYCH_DEVICE void convolve_group(const ConvParams& params, int pixel, int filter) {
  const int pixels = params.out_height * params.out_width;
  if (pixel >= params.pictures * pixels || filter >= params.filters) return;
  const OutputPixel at = output_pixel(params, pixel);
  const int channels = params.channels / params.group;
  const int from = filter / (params.filters / params.group) * channels;
  const int window = params.kernel_height * params.kernel_width;
  const int plane = params.height * params.width;
  const Number* input = reinterpret_cast<const Number*>(params.input) + (at.picture * params.channels + from) * plane;
  const Number* weights = reinterpret_cast<const Number*>(params.weights) + filter * channels * window;
  float sum = 0;
  for (int row = 0; row < params.kernel_height; ++row) {
    const int y = at.top + row;
    if (y < 0 || y >= params.height) continue;
    for (int column = 0; column < params.kernel_width; ++column) {
      const int x = at.left + column;
      if (x < 0 || x >= params.width) continue;
      for (int channel = 0; channel < channels; ++channel) {
        sum = multiply_add(number(input[channel * plane + y * params.width + x]),
                           number(weights[channel * window + row * params.kernel_width + column]), sum);
      }
    }
  }
  const int index = (at.picture * params.filters + filter) * pixels + at.place;
  put(reinterpret_cast<Number*>(params.output) + index, result_of<Number>(params, sum, filter, index));
}

// Each channel by itself, in a run of kDepthwiseRun pixels of a row: what their windows share is read once.
template <typename Number, int kSide, int kStride>
DIPTYCH_DEVICE void convolve_depthwise(const ConvParams& params, int run, int channel, int picture) {
  constexpr int kSeen = (kDepthwiseRun - 1) * kStride + kSide;
  const int across = (params.out_width + kDepthwiseRun - 1) / kDepthwiseRun;
  const int out_row = run / across;
  const int out_column = (run - out_row * across) * kDepthwiseRun;
  if (out_row >= params.out_height) return;
  const int top = out_row * kStride - params.pad_top;
  const int left = out_column * kStride - params.pad_left;
  const int planes = picture * params.channels + channel;
  const Number* input = reinterpret_cast<const Number*>(params.input) + planes * params.height * params.width;
  const Number* weights = reinterpret_cast<const Number*>(params.weights) + channel * kSide * kSide;
  float sums[kDepthwiseRun] = {};
  for (int row = 0; row < kSide; ++row) {
    const int y = top + row;
    if (y < 0 || y >= params.height) continue;
    float seen[kSeen];
    for (int i = 0; i < kSeen; ++i) {
      const int x = left + i;
      seen[i] = x >= 0 && x < params.width ? number(input[y * params.width + x]) : 0;
    }
    for (int column = 0; column < kSide; ++column) {
      const float weight = number(weights[row * kSide + column]);
      for (int i = 0; i < kDepthwiseRun; ++i) sums[i] = multiply_add(seen[i * kStride + column], weight, sums[i]);
    }
  }
  for (int i = 0; i < kDepthwiseRun && out_column + i < params.out_width; ++i) {
    const int index = (planes * params.out_height + out_row) * params.out_width + out_column + i;
    put(reinterpret_cast<Number*>(params.output) + index, result_of<Number>(params, sums[i], channel, index));
  }
}

// All channels, for kFilters filters in one pixel of all pictures. Weights are 32-bit floats,
// [row, column, channel][filters, a multiple of kDirectFilters]. Numbers are read kAtOnce products ahead: what reading
// them from the GPU's memory takes is most of the time.
template <typename Number, int kFilters, int kAtOnce>
DIPTYCH_DEVICE void convolve_all(const ConvParams& params, int pixel, int first) {
  const int pixels = params.out_height * params.out_width;
  if (pixel >= params.pictures * pixels) return;
  const OutputPixel at = output_pixel(params, pixel);
  const int plane = params.height * params.width;
  const int filters = (params.filters + kDirectFilters - 1) / kDirectFilters * kDirectFilters;
  const int products = params.kernel_height * params.kernel_width * params.channels;
  const Number* input = reinterpret_cast<const Number*>(params.input) + at.picture * params.channels * plane;
  const float* weights = reinterpret_cast<const float*>(params.weights) + first;
  float sums[kFilters] = {};
  int row = 0;
  int column = 0;
  int channel = 0;
  for (int product = 0; product < products; product += kAtOnce) {
    float values[kAtOnce];
    Four all[kAtOnce][kFilters / 4];
    for (int i = 0; i < kAtOnce; ++i) {
      const int y = at.top + row;
      const int x = at.left + column;
      const bool is_there = product + i < products;
      const bool is_inside = is_there && y >= 0 && y < params.height && x >= 0 && x < params.width;
      values[i] = is_inside ? number(input[channel * plane + y * params.width + x]) : 0;
      const float* weight = weights + (is_there ? product + i : 0) * filters;
      for (int k = 0; k < kFilters / 4; ++k) all[i][k] = reinterpret_cast<const Four*>(weight)[k];
      if (++channel < params.channels) continue;
      channel = 0;
      if (++column < params.kernel_width) continue;
      column = 0;
      ++row;
    }
    for (int i = 0; i < kAtOnce; ++i) {
      for (int k = 0; k < kFilters / 4; ++k) {
        const Four weight = all[i][k];
        sums[4 * k] = multiply_add(values[i], weight.a, sums[4 * k]);
        sums[4 * k + 1] = multiply_add(values[i], weight.b, sums[4 * k + 1]);
        sums[4 * k + 2] = multiply_add(values[i], weight.c, sums[4 * k + 2]);
        sums[4 * k + 3] = multiply_add(values[i], weight.d, sums[4 * k + 3]);
      }
    }
  }
  for (int i = 0; i < kFilters && first + i < params.filters; ++i) {
    const int index = (at.picture * params.filters + first + i) * pixels + at.place;
    put(reinterpret_cast<Number*>(params.output) + index, result_of<Number>(params, sums[i], first + i, index));
  }
}

// One weight of a filter, of [filters][channels][window], for convolve_all.
template <typename Number>
DIPTYCH_DEVICE void arrange(const ArrangeParams& params, int filter, int weight) {
  const int filters = (params.filters + kDirectFilters - 1) / kDirectFilters * kDirectFilters;
  if (filter >= filters) return;
  const int place = weight / params.channels;
  const int channel = weight - place * params.channels;
  const Number* from = reinterpret_cast<const Number*>(params.from);
  reinterpret_cast<float*>(params.to)[weight * filters + filter] =
      filter < params.filters ? number(from[(filter * params.channels + channel) * params.window + place]) : 0;
}

}  // namespace

// x: pixel of all pictures, y: filter.
DIPTYCH_KERNEL(group_conv_32, ConvParams) { convolve_group<float>(params, DIPTYCH_X, DIPTYCH_Y); }
DIPTYCH_KERNEL(group_conv_16, ConvParams) { convolve_group<Half>(params, DIPTYCH_X, DIPTYCH_Y); }

// 3 × 3, in steps of one and of two. x: run of kDepthwiseRun pixels, y: channel, z: picture.
DIPTYCH_KERNEL(depthwise_conv_32, ConvParams) {
  convolve_depthwise<float, 3, 1>(params, DIPTYCH_X, DIPTYCH_Y, DIPTYCH_Z);
}
DIPTYCH_KERNEL(depthwise_conv_16, ConvParams) {
  convolve_depthwise<Half, 3, 1>(params, DIPTYCH_X, DIPTYCH_Y, DIPTYCH_Z);
}
DIPTYCH_KERNEL(depthwise_conv_half_32, ConvParams) {
  convolve_depthwise<float, 3, 2>(params, DIPTYCH_X, DIPTYCH_Y, DIPTYCH_Z);
}
DIPTYCH_KERNEL(depthwise_conv_half_16, ConvParams) {
  convolve_depthwise<Half, 3, 2>(params, DIPTYCH_X, DIPTYCH_Y, DIPTYCH_Z);
}

// x: pixel of all pictures, y: which run of kDirectFilters filters.
DIPTYCH_KERNEL(direct_conv_32, ConvParams) {
  convolve_all<float, kDirectFilters, 8>(params, DIPTYCH_X, DIPTYCH_Y * kDirectFilters);
}
DIPTYCH_KERNEL(direct_conv_16, ConvParams) {
  convolve_all<Half, kDirectFilters, 8>(params, DIPTYCH_X, DIPTYCH_Y * kDirectFilters);
}
// For few pixels: more threads, which read further ahead. y: which run of kFewDirectFilters filters.
DIPTYCH_KERNEL(few_direct_conv_32, ConvParams) {
  convolve_all<float, kFewDirectFilters, 32>(params, DIPTYCH_X, DIPTYCH_Y * kFewDirectFilters);
}
DIPTYCH_KERNEL(few_direct_conv_16, ConvParams) {
  convolve_all<Half, kFewDirectFilters, 32>(params, DIPTYCH_X, DIPTYCH_Y * kFewDirectFilters);
}

// x: filter, y: which weight of a filter.
DIPTYCH_KERNEL(arrange_direct_32, ArrangeParams) { arrange<float>(params, DIPTYCH_X, DIPTYCH_Y); }
DIPTYCH_KERNEL(arrange_direct_16, ArrangeParams) { arrange<Half>(params, DIPTYCH_X, DIPTYCH_Y); }
