// What the kernels of tensor.cu take.
#pragma once

#include "params.h"

namespace diptych::cuda {

// As diptych::ColourMatrix.
struct ColourMatrixParams {
  int32_t black;
  int32_t luma;
  int32_t red_v;
  int32_t green_u;
  int32_t green_v;
  int32_t blue_u;
};

// Where the numbers of pixel (x, y) go: (y · width + x) · step numbers after `data`, each colour
// as many more.
struct TensorParams {
  uint64_t data;
  int32_t width;
  int32_t height;
  int32_t step;
  int32_t red;
  int32_t green;
  int32_t blue;
  // Number = (colour − mean) · scale.
  float mean;
  float scale;
};

struct LetterboxParams {
  PlaneParams y;
  PlaneParams u;
  PlaneParams v;
  AxisParams luma_x;
  AxisParams luma_y;
  AxisParams chroma_x;
  AxisParams chroma_y;
  ColourMatrixParams colours;
  TensorParams tensor;
  // Pixel of the tensor where output sample 0 of the axes is.
  int32_t left;
  int32_t top;
  // Samples of the axes that are painted; the rest is bars.
  int32_t first_column;
  int32_t end_column;
  int32_t first_row;
  int32_t end_row;
  float bar;
};

constexpr int kMostWarps = 8;

// Tensors lie one behind the other; z is which.
struct WarpParams {
  PlaneParams y;
  PlaneParams u;
  PlaneParams v;
  ColourMatrixParams colours;
  TensorParams tensor;
  // Whether pixels whose source point lies outside the picture are `outside`.
  int32_t pads_outside;
  float outside;
  // As diptych::AffineMatrix.
  int64_t matrices[kMostWarps][6];
};

// A small picture: every `step`-th pixel of every `step`-th row, one byte each, row by row.
struct SketchParams {
  PlaneParams y;
  uint64_t sketch;
  int32_t step;
  int32_t columns;
  int32_t rows;
};

// Pixels that one thread of sum_sharpness looks at.
constexpr int kSharpnessRun = 16;

// Of the pixels [left, right) × [top, bottom) of each tensor: sum and sum of squares of green, and of
// its Laplacian 4p − left − right − up − down with neighbours `reach` pixels away.
struct SharpnessParams {
  TensorParams tensor;
  // Four 64-bit numbers a tensor: diptych::cuda::SharpnessSums.
  uint64_t sums;
  int32_t left;
  int32_t top;
  int32_t right;
  int32_t bottom;
  int32_t reach;
};

}  // namespace diptych::cuda
