// Tensors for networks: core/tensor.hpp defines the numbers.
#include "tensor_params.h"

#include "kernel.h"
#include "scale.h"

using namespace diptych::cuda;

namespace {

DIPTYCH_DEVICE float* pixel_of(const TensorParams& tensor, int x, int y, int z) {
  const int64_t picture = static_cast<int64_t>(tensor.width) * tensor.height;
  const int64_t pixel = static_cast<int64_t>(y) * tensor.width + x;
  return reinterpret_cast<float*>(tensor.data) + 3 * picture * z + pixel * tensor.step;
}

DIPTYCH_DEVICE float number_of(const TensorParams& tensor, int colour) {
  return (static_cast<float>(clamp_byte(colour >> 13)) - tensor.mean) * tensor.scale;
}

DIPTYCH_DEVICE void write_colours(const TensorParams& tensor, float* pixel, const ColourMatrixParams& m, int y, int u,
                                  int v) {
  const int light = m.luma * (y - m.black) + 4096;
  const int cb = u - 128;
  const int cr = v - 128;
  pixel[tensor.red] = number_of(tensor, light + m.red_v * cr);
  pixel[tensor.green] = number_of(tensor, light + m.green_u * cb + m.green_v * cr);
  pixel[tensor.blue] = number_of(tensor, light + m.blue_u * cb);
}

// A sample index in 1/256 as warp_affine rounds it.
DIPTYCH_DEVICE Pair neighbours(int64_t index, int size) {
  const int64_t rounded = (index + (int64_t{1} << 23)) >> 24;
  const int64_t whole = rounded >> 8;
  // Inside the range of an int, and still on the same side of the picture.
  const int near = static_cast<int>(whole < -2 ? -2 : whole > size ? size : whole);
  return {clamp(near, 0, size - 1), clamp(near + 1, 0, size - 1), static_cast<int>(rounded & 255)};
}

DIPTYCH_DEVICE int bilinear(const PlaneParams& plane, const Pair& x, const Pair& y) {
  const uint8_t* upper = samples_of(plane) + static_cast<int64_t>(y.first) * plane.stride;
  const uint8_t* lower = samples_of(plane) + static_cast<int64_t>(y.second) * plane.stride;
  const int left = x.first * plane.step;
  const int right = x.second * plane.step;
  const int above = upper[left] * (256 - x.weight) + upper[right] * x.weight;
  const int below = lower[left] * (256 - x.weight) + lower[right] * x.weight;
  return (above * (256 - y.weight) + below * y.weight + 32768) >> 16;
}

// The 8-bit colour that a number of the tensor was made of.
DIPTYCH_DEVICE int colour_of(const TensorParams& tensor, float number) {
  return tensor.scale == 0 ? 0 : static_cast<int>(floorf(number / tensor.scale + tensor.mean + 0.5f));
}

DIPTYCH_DEVICE void add(uint64_t to, int64_t value) {
  diptych_atomic_add(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(value));
}

}  // namespace

DIPTYCH_KERNEL(letterbox, LetterboxParams) {
  const TensorParams& tensor = params.tensor;
  const int x = DIPTYCH_X;
  const int y = DIPTYCH_Y;
  if (x >= tensor.width || y >= tensor.height) return;
  float* pixel = pixel_of(tensor, x, y, 0);
  const int column = x - params.left;
  const int row = y - params.top;
  if (column < params.first_column || column >= params.end_column || row < params.first_row ||
      row >= params.end_row) {
    pixel[0] = params.bar;
    pixel[tensor.green] = params.bar;
    pixel[2 * tensor.green] = params.bar;
    return;
  }
  const int luma = scaled_sample(params.y, params.luma_x, params.luma_y, column, row);
  int u;
  int v;
  if (params.chroma_x.is_area == 0 && params.chroma_y.is_area == 0) {
    const Pair i = linear_pair<kLinearColumnBits>(params.chroma_x, column);
    const Pair j = linear_pair<kLinearRowBits>(params.chroma_y, row);
    u = mix_linear(samples_of(params.u), params.u.stride, params.u.step, i, j);
    v = mix_linear(samples_of(params.v), params.v.stride, params.v.step, i, j);
  } else {
    const Samples planes[2] = {{samples_of(params.u), params.u.stride, params.u.step},
                               {samples_of(params.v), params.v.stride, params.v.step}};
    int scaled[2];
    sum_weighted(planes, taps_of<kWeightedColumnBits>(params.chroma_x, column),
                 taps_of<kWeightedRowBits>(params.chroma_y, row), scaled);
    u = scaled[0];
    v = scaled[1];
  }
  write_colours(tensor, pixel, params.colours, luma, u, v);
}

DIPTYCH_KERNEL(warp_affine, WarpParams) {
  const TensorParams& tensor = params.tensor;
  const int x = DIPTYCH_X;
  const int y = DIPTYCH_Y;
  const int z = DIPTYCH_Z;
  if (x >= tensor.width || y >= tensor.height) return;
  const int64_t half = int64_t{1} << 31;
  const int64_t quarter = int64_t{1} << 30;
  const int64_t* m = params.matrices[z];
  const int64_t source_x = ((m[0] * (2 * x + 1) + m[1] * (2 * y + 1)) >> 1) + m[2];
  const int64_t source_y = ((m[3] * (2 * x + 1) + m[4] * (2 * y + 1)) >> 1) + m[5];
  const int64_t end_x = static_cast<int64_t>(params.y.width) << 32;
  const int64_t end_y = static_cast<int64_t>(params.y.height) << 32;
  if (params.pads_outside != 0 && (source_x < 0 || source_x >= end_x || source_y < 0 || source_y >= end_y)) {
    float* pixel = pixel_of(tensor, x, y, z);
    pixel[0] = params.outside;
    pixel[tensor.green] = params.outside;
    pixel[2 * tensor.green] = params.outside;
    return;
  }
  const int luma = bilinear(params.y, neighbours(source_x - half, params.y.width),
                            neighbours(source_y - half, params.y.height));
  const Pair chroma_x = neighbours((source_x >> 1) - quarter, params.u.width);
  const Pair chroma_y = neighbours((source_y >> 1) - half, params.u.height);
  write_colours(tensor, pixel_of(tensor, x, y, z), params.colours, luma, bilinear(params.u, chroma_x, chroma_y),
                bilinear(params.v, chroma_x, chroma_y));
}

DIPTYCH_KERNEL(sketch_luma, SketchParams) {
  const int x = DIPTYCH_X;
  const int y = DIPTYCH_Y;
  if (x >= params.columns || y >= params.rows) return;
  const int64_t from = static_cast<int64_t>(y) * params.step * params.y.stride + x * params.step * params.y.step;
  const int64_t to = static_cast<int64_t>(y) * params.columns + x;
  reinterpret_cast<uint8_t*>(params.sketch)[to] = reinterpret_cast<const uint8_t*>(params.y.data)[from];
}

// x: which run of kSharpnessRun pixels, y: which row from the top.
DIPTYCH_KERNEL(sum_sharpness, SharpnessParams) {
  const TensorParams& tensor = params.tensor;
  const int first = params.left + DIPTYCH_X * kSharpnessRun;
  const int y = params.top + DIPTYCH_Y;
  if (first >= params.right || y >= params.bottom) return;
  const int end = at_most(first + kSharpnessRun, params.right);
  int64_t light = 0;
  int64_t light_squares = 0;
  int64_t detail = 0;
  int64_t detail_squares = 0;
  for (int x = first; x < end; ++x) {
    const float* green = pixel_of(tensor, x, y, DIPTYCH_Z) + tensor.green;
    const int64_t beside = static_cast<int64_t>(params.reach) * tensor.step;
    const int64_t below = beside * tensor.width;
    const int value = colour_of(tensor, green[0]);
    const int laplacian = 4 * value - colour_of(tensor, green[-beside]) - colour_of(tensor, green[beside]) -
                          colour_of(tensor, green[-below]) - colour_of(tensor, green[below]);
    light += value;
    light_squares += value * value;
    detail += laplacian;
    detail_squares += laplacian * laplacian;
  }
  const uint64_t sums = params.sums + static_cast<uint64_t>(DIPTYCH_Z) * 4 * sizeof(uint64_t);
  add(sums, light);
  add(sums + 8, light_squares);
  add(sums + 16, detail);
  add(sums + 24, detail_squares);
}
