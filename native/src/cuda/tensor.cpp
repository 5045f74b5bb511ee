#include "cuda/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "core/colour.hpp"
#include "cuda/kernel_params.hpp"
#include "kernels/tensor_params.h"

namespace diptych::cuda {

namespace {

constexpr unsigned kThreadsX = 32;
constexpr unsigned kThreadsY = 8;

static_assert(TensorKernels::kMostCrops == kMostWarps);
static_assert(sizeof(SharpnessSums) == 4 * sizeof(uint64_t));

unsigned blocks(int count, unsigned threads) { return (static_cast<unsigned>(count) + threads - 1) / threads; }

Grid grid_of(int width, int height, size_t depth) {
  return {blocks(width, kThreadsX), blocks(height, kThreadsY), static_cast<unsigned>(depth), kThreadsX, kThreadsY};
}

// Every `step`-th of so many.
int points(int count, unsigned step) { return (count + static_cast<int>(step) - 1) / static_cast<int>(step); }

ColourMatrixParams colour_params(const GstVideoColorimetry& colorimetry) {
  const ColourMatrix m = colour_matrix(colorimetry);
  return {m.black, m.luma, m.red_v, m.green_u, m.green_v, m.blue_u};
}

TensorParams tensor_params(const TensorSpec& spec, Address address) {
  const int colour = spec.planar ? spec.width * spec.height : 1;
  TensorParams params{};
  params.data = address;
  params.width = spec.width;
  params.height = spec.height;
  params.step = spec.planar ? 1 : 3;
  params.red = spec.blue_first ? 2 * colour : 0;
  params.green = colour;
  params.blue = spec.blue_first ? 0 : 2 * colour;
  params.mean = spec.mean;
  params.scale = spec.scale;
  return params;
}

// alignedSharpness of src/stream/stages/reid/aligned-sharpness.ts has the same numbers.
constexpr double kFrom = 0.2;
constexpr double kTo = 0.8;
constexpr double kDetail = 1.0 / 50;

// As Math.round.
int rounded(double value) { return static_cast<int>(std::floor(value + 0.5)); }

int reach_of(const TensorSpec& spec) { return std::max(1, rounded(std::min(spec.width, spec.height) * kDetail)); }

Range middle(int size) { return {rounded(size * kFrom), static_cast<int>(std::ceil(size * kTo))}; }

double spread(double sum, double squares, double count) {
  const double mean = sum / count;
  return squares / count - mean * mean;
}

LetterboxParams letterbox_params(const Picture& picture, const LetterboxPlan& plan, const TensorSpec& spec,
                                 Address tensor) {
  LetterboxParams params{};
  params.y = plane_params(picture.y);
  params.u = plane_params(picture.u);
  params.v = plane_params(picture.v);
  params.luma_x = axis_params(plan.luma_x);
  params.luma_y = axis_params(plan.luma_y);
  params.chroma_x = axis_params(plan.chroma_x);
  params.chroma_y = axis_params(plan.chroma_y);
  params.colours = colour_params(picture.colorimetry);
  params.tensor = tensor_params(spec, tensor);
  params.left = plan.left;
  params.top = plan.top;
  params.first_column = plan.columns.begin;
  params.end_column = plan.columns.end;
  params.first_row = plan.rows.begin;
  params.end_row = plan.rows.end;
  params.bar = (spec.pad - spec.mean) * spec.scale;
  return params;
}

WarpParams warp_params(const Picture& picture, const std::vector<AffineMatrix>& matrices, const TensorSpec& spec,
                       Address tensors) {
  if (matrices.size() > TensorKernels::kMostCrops) throw std::length_error("warp_affine: more crops than a launch takes");
  WarpParams params{};
  params.y = plane_params(picture.y);
  params.u = plane_params(picture.u);
  params.v = plane_params(picture.v);
  params.colours = colour_params(picture.colorimetry);
  params.tensor = tensor_params(spec, tensors);
  params.pads_outside = spec.pads_outside ? 1 : 0;
  params.outside = (spec.pad - spec.mean) * spec.scale;
  for (size_t i = 0; i < matrices.size(); ++i) std::copy_n(matrices[i].m, 6, params.matrices[i]);
  return params;
}

SharpnessParams sharpness_params(Address tensors, const TensorSpec& spec, Address sums) {
  const Range columns = middle(spec.width);
  const Range rows = middle(spec.height);
  SharpnessParams params{};
  params.tensor = tensor_params(spec, tensors);
  params.sums = sums;
  params.left = columns.begin;
  params.right = columns.end;
  params.top = rows.begin;
  params.bottom = rows.end;
  params.reach = reach_of(spec);
  if (params.reach > params.left || params.reach > params.top || params.right + params.reach > spec.width ||
      params.bottom + params.reach > spec.height) {
    throw std::runtime_error("sharpness: a tensor of " + std::to_string(spec.width) + "×" +
                             std::to_string(spec.height) + " is too small to tell");
  }
  return params;
}

}  // namespace

double aligned_sharpness(const SharpnessSums& sums, const TensorSpec& spec) {
  const Range columns = middle(spec.width);
  const Range rows = middle(spec.height);
  const double count = static_cast<double>(columns.end - columns.begin) * (rows.end - rows.begin);
  const double light = spread(static_cast<double>(sums.light), static_cast<double>(sums.light_squares), count);
  const double detail = spread(static_cast<double>(sums.detail), static_cast<double>(sums.detail_squares), count);
  return light > 0 ? detail / light : 0;
}

TensorKernels::TensorKernels(const Device& device)
    : letterbox_(device.kernel("letterbox")),
      warp_affine_(device.kernel("warp_affine")),
      sum_sharpness_(device.kernel("sum_sharpness")),
      sketch_luma_(device.kernel("sketch_luma")) {}

TensorMapping TensorKernels::letterbox(Stream& stream, const Picture& picture, const std::optional<Crop>& crop,
                                       const TensorSpec& spec, Address tensor) const {
  const LetterboxPlan plan = plan_letterbox(picture, crop, spec);
  stream.launch(letterbox_, grid_of(spec.width, spec.height, 1), letterbox_params(picture, plan, spec, tensor));
  return plan.mapping;
}

void TensorKernels::warp_affine(Stream& stream, const Picture& picture, const std::vector<AffineMatrix>& matrices,
                                const TensorSpec& spec, Address tensors) const {
  if (matrices.empty()) return;
  stream.launch(warp_affine_, grid_of(spec.width, spec.height, matrices.size()),
                warp_params(picture, matrices, spec, tensors));
}

void TensorKernels::sum_sharpness(Stream& stream, Address tensors, size_t count, const TensorSpec& spec,
                                  Address sums) const {
  if (count == 0) return;
  const SharpnessParams params = sharpness_params(tensors, spec, sums);
  stream.fill(sums, 0, count * sizeof(SharpnessSums));
  const int runs = (params.right - params.left + kSharpnessRun - 1) / kSharpnessRun;
  stream.launch(sum_sharpness_, grid_of(runs, params.bottom - params.top, count), params);
}

void TensorKernels::sketch(Stream& stream, const Picture& picture, unsigned step, Address sketch) const {
  SketchParams params{};
  params.y = plane_params(picture.y);
  params.sketch = sketch;
  params.step = static_cast<int32_t>(step);
  params.columns = points(picture.y.width, step);
  params.rows = points(picture.y.height, step);
  stream.launch(sketch_luma_, grid_of(params.columns, params.rows, 1), params);
}

size_t TensorKernels::sketch_bytes(const Picture& picture, unsigned step) {
  return static_cast<size_t>(points(picture.y.width, step)) * static_cast<size_t>(points(picture.y.height, step));
}

}  // namespace diptych::cuda
