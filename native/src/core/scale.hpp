#pragma once

#include <cstdint>
#include <vector>

#include "core/axis.hpp"
#include "core/picture.hpp"
#include "core/rows.hpp"

namespace diptych {

// Every `step`th sample of a row, side by side.
void unzip(const RowFunctions& functions, const uint8_t* source, int step, uint8_t* out, int count);

// The columns of a scaled plane: [first, first + count) of the axis. Shared by planes of one
// size, such as U and V.
class ScaledColumns {
 public:
  // Prepares for the columns of `x`; `y` decides with it between linear and area.
  void prepare(const RowFunctions& functions, const Axis& x, const Axis& y, int first, int count);

 private:
  friend class PlaneScaler;
  void prepare_linear(const RowFunctions& functions, const Axis& x, int first);
  void prepare_weighted(const Axis& x, int first);

  // Whether either axis needs area, and so both passes take weighted sums.
  bool weighted_ = false;
  int count_ = 0;
  LinearColumns linear_columns_;
  WeightedColumns weighted_columns_;
  // Part of each source row that is read.
  int source_first_ = 0;
  int source_width_ = 0;
  Taps taps_;
};

// Scales one plane, row by row. Where both axes step by at most 2:
//
//   horizontally, weights w of 7 bits:  h = (left − 128) · (128 − w) + (right − 128) · w
//   vertically, weight w of 15 bits:    s = h0 + (((h1 − h0) · w + 2^14) >> 15)
//   result:                             ((s + 64) >> 7) + 128
//
// otherwise (see Axis for the weights, linear on an axis that steps by at most 2):
//
//   vertically, weights w of 7 bits:    s = Σ (sample − 128) · w
//   horizontally, weights w of 14 bits: t = Σ s · w
//   result:                             ((t + 2^20) >> 21) + 128
//
// A step of 1 at whole samples is exact. Memory is kept from use to use; one thread.
class PlaneScaler {
 public:
  // What is passed must outlive the calls of `row`.
  void prepare(const RowFunctions& functions, const Plane& plane, const Axis& y,
               const ScaledColumns& columns);
  // Row `i` of the axis into `out`; quickest for rising `i`.
  void row(int i, uint8_t* out);

 private:
  const int16_t* scaled_source_row(int source_y, int keep);
  const uint8_t* source_row(int source_y);
  void weighted_row(int i, uint8_t* out);

  const RowFunctions* functions_ = nullptr;
  const ScaledColumns* columns_ = nullptr;
  Plane plane_;
  Axis y_;
  // Linear: the two latest source rows, scaled horizontally.
  std::vector<int16_t> scaled_[2];
  int scaled_y_[2] = {-1, -1};
  // Weighted: the sum of rows.
  std::vector<int16_t> sums_;
  // Samples of one row lying side by side, where they don't in the source.
  std::vector<uint8_t> unzipped_;
  std::vector<const uint8_t*> rows_;
  std::vector<uint8_t> row_weights_;
  Taps taps_;
};

}  // namespace diptych
