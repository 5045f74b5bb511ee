#include <algorithm>
#include <vector>

#include "core/colour.hpp"
#include "core/tensor.hpp"
#include "core/tensor_layout.hpp"

namespace diptych {

namespace {

// A sample index in 1/256: the sample before, the one after, and the weight of the latter.
struct Neighbours {
  int before;
  int after;
  int weight;
};

Neighbours neighbours(int64_t index, int size) {
  const int64_t rounded = (index + (int64_t{1} << 23)) >> 24;
  const int64_t whole = rounded >> 8;
  const auto clamped = [size](int64_t k) { return static_cast<int>(std::clamp<int64_t>(k, 0, size - 1)); };
  return {clamped(whole), clamped(whole + 1), static_cast<int>(rounded & 255)};
}

uint8_t sample(const Plane& plane, const Neighbours& x, const Neighbours& y) {
  const uint8_t* upper = plane.data + ptrdiff_t(y.before) * plane.stride;
  const uint8_t* lower = plane.data + ptrdiff_t(y.after) * plane.stride;
  const auto mixed = [&plane, &x](const uint8_t* row) {
    return row[x.before * plane.step] * (256 - x.weight) + row[x.after * plane.step] * x.weight;
  };
  return static_cast<uint8_t>((mixed(upper) * (256 - y.weight) + mixed(lower) * y.weight + 32768) >> 16);
}

constexpr int64_t kHalf = int64_t{1} << 31;
constexpr int64_t kQuarter = int64_t{1} << 30;

}  // namespace

void warp_affine(const Picture& picture, const AffineMatrix& matrix, const TensorSpec& spec,
                 float* tensor) {
  const int64_t* m = matrix.m;
  const RowFunctions& functions = row_functions();
  const ColourMatrix colours = colour_matrix(picture.colorimetry);
  const int64_t end_x = int64_t{picture.y.width} << 32;
  const int64_t end_y = int64_t{picture.y.height} << 32;
  const float outside = (spec.pad - spec.mean) * spec.scale;
  static thread_local std::vector<uint8_t> rows[3];
  static thread_local std::vector<int> padded;
  for (std::vector<uint8_t>& row : rows) row.resize(spec.width);
  for (int y = 0; y < spec.height; ++y) {
    padded.clear();
    for (int x = 0; x < spec.width; ++x) {
      const int64_t source_x = ((m[0] * (2 * x + 1) + m[1] * (2 * y + 1)) >> 1) + m[2];
      const int64_t source_y = ((m[3] * (2 * x + 1) + m[4] * (2 * y + 1)) >> 1) + m[5];
      if (spec.pads_outside && (source_x < 0 || source_x >= end_x || source_y < 0 || source_y >= end_y)) {
        padded.push_back(x);
      }
      rows[0][x] = sample(picture.y, neighbours(source_x - kHalf, picture.y.width),
                          neighbours(source_y - kHalf, picture.y.height));
      const Neighbours chroma_x = neighbours((source_x >> 1) - kQuarter, picture.u.width);
      const Neighbours chroma_y = neighbours((source_y >> 1) - kHalf, picture.u.height);
      rows[1][x] = sample(picture.u, chroma_x, chroma_y);
      rows[2][x] = sample(picture.v, chroma_x, chroma_y);
    }
    functions.to_tensor(rows[0].data(), rows[1].data(), rows[2].data(), spec.width, colours,
                        tensor_row(spec, tensor, 0, y));
    for (const int x : padded) {
      const TensorRow pixel = tensor_row(spec, tensor, x, y);
      *pixel.red = *pixel.green = *pixel.blue = outside;
    }
  }
}

}  // namespace diptych
