#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "core/axis.hpp"
#include "core/compose.hpp"
#include "core/picture.hpp"

namespace diptych {

// How pixels become numbers for a network: three colours, value = (colour − mean) · scale.
struct TensorSpec {
  // Of the tensor, pixels.
  int width;
  int height;
  // BGR instead of RGB.
  bool blue_first;
  // One plane a colour (NCHW), or the colours of a pixel side by side (NHWC).
  bool planar;
  // 0 … 255; see above.
  float mean;
  float scale;
  // Colour of the bars.
  float pad;
  // warp_affine: pixels whose source point lies outside the picture are of that colour, too; else they are of its edge.
  bool pads_outside;
};

// source = (tensor − offset) / ratio + corner of the crop, in coordinates where pixel k
// covers [k, k + 1).
struct TensorMapping {
  double ratio;
  int offset_x;
  int offset_y;
};

// [begin, end).
struct Range {
  int begin;
  int end;
};

// Where letterbox puts what.
struct LetterboxPlan {
  // Tensor pixel of output sample 0 of the axes.
  int left;
  int top;
  Axis luma_x;
  Axis luma_y;
  Axis chroma_x;
  Axis chroma_y;
  // Output samples that are painted; all else is bars.
  Range columns;
  Range rows;
  TensorMapping mapping;
};
// As `letterbox` below does it.
LetterboxPlan plan_letterbox(const Picture& picture, const std::optional<Crop>& crop, const TensorSpec& spec);

// Scales the crop (the whole picture without one), aspect kept and centred, into `tensor`
// (3 · width · height). With L and n the length of the crop and of the tensor along the axis
// that limits (the ratio is n / L), the other axis gets round(crop · n / L) pixels, at least
// one; bars to the left and above are floor(rest / 2) wide. Luma goes through
// PlaneScaler with axes of that ratio, so that the mapping holds exactly; chroma through the
// same at luma resolution; colours by ColourMatrix. Pixels whose centre lies outside the
// picture are bars too. Any thread.
TensorMapping letterbox(const Picture& picture, const std::optional<Crop>& crop,
                        const TensorSpec& spec, float* tensor);

// Six numbers m, row-major, in 1/2^32: the source point of tensor pixel (x, y) is
// m · (x + 1/2, y + 1/2, 1), in coordinates where pixel k covers [k, k + 1).
struct AffineMatrix {
  int64_t m[6];
};

// Keeps the 64-bit positions of warp_affine far from overflow.
constexpr int kLargestMatrixEntry = 65536;

// `entries`: six numbers within ±kLargestMatrixEntry.
inline AffineMatrix affine_matrix(const double* entries) {
  AffineMatrix matrix{};
  for (int i = 0; i < 6; ++i) matrix.m[i] = std::llround(std::ldexp(entries[i], 32));
  return matrix;
}

// Samples the picture at the source point of each tensor pixel, bilinear, edges repeated,
// unless the point lies outside [0, width) × [0, height) and `pads_outside` is set. In sample indices, with N(v) = floor((v + 2^23) / 2^24), in 1/256:
//   luma    x: N(X − 2^31)         y: N(Y − 2^31)
//   chroma  x: N(X / 2 − 2^30)     y: N(Y / 2 − 2^31)     (halves rounded down)
//   value = ((p00 (256−f) + p01 f)(256−g) + (p10 (256−f) + p11 f) g + 2^15) >> 16
// where X = floor((m0 (2x+1) + m1 (2y+1)) / 2) + m2, Y likewise. Any thread.
void warp_affine(const Picture& picture, const AffineMatrix& matrix, const TensorSpec& spec,
                 float* tensor);

}  // namespace diptych
