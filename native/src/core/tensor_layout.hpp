#pragma once

#include <cstddef>
#include <utility>

#include "core/rows.hpp"
#include "core/tensor.hpp"

namespace diptych {

// Where pixel (x, y) and its right neighbours go.
inline TensorRow tensor_row(const TensorSpec& spec, float* tensor, int x, int y) {
  const size_t pixel = size_t(y) * spec.width + x;
  const size_t plane = size_t(spec.width) * spec.height;
  TensorRow row{};
  row.step = spec.planar ? 1 : 3;
  row.red = tensor + pixel * row.step;
  row.green = row.red + (spec.planar ? plane : 1);
  row.blue = row.green + (spec.planar ? plane : 1);
  if (spec.blue_first) std::swap(row.red, row.blue);
  row.mean = spec.mean;
  row.scale = spec.scale;
  return row;
}

}  // namespace diptych
