#include "core/scale.hpp"

#include <algorithm>

namespace diptych {

namespace {

constexpr int kLinearColumnBits = 7;
constexpr int kLinearRowBits = 15;
constexpr int kWeightedRowBits = 7;
constexpr int kWeightedColumnBits = 14;

// Bytes of one vector load, outputs it serves, outputs of a group.
constexpr int kLoad = 16;
constexpr int kHalfGroup = 8;
constexpr int kGroup = 2 * kHalfGroup;

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

void unzip(const RowFunctions& functions, const uint8_t* source, int step, uint8_t* out, int count) {
  if (step == 2) return functions.unzip(source, out, count);
  for (int i = 0; i < count; ++i) out[i] = source[ptrdiff_t(i) * step];
}

void ScaledColumns::prepare(const RowFunctions& functions, const Axis& x, const Axis& y, int first,
                            int count) {
  weighted_ = x.needs_area() || y.needs_area();
  count_ = count;
  if (weighted_) {
    prepare_weighted(x, first);
  } else {
    prepare_linear(functions, x, first);
  }
}

void ScaledColumns::prepare_linear(const RowFunctions& functions, const Axis& x, int first) {
  const int last = x.size - 1;
  PositionWalker walker(x, first);
  std::vector<LinearColumns::Column>& columns = linear_columns_.columns;
  columns.resize(round_up(count_, kGroup));
  for (int i = 0; i < count_; ++i) {
    const LinearTap tap = linear_tap(walker.next(), kLinearColumnBits);
    columns[i] = {std::clamp(tap.left, 0, last), std::clamp(tap.left + 1, 0, last), tap.right_weight};
  }
  linear_columns_.count = count_;
  source_first_ = columns[0].left;
  source_width_ = columns[count_ - 1].right + 1 - source_first_;
  linear_columns_.groups.clear();
  if (!functions.wants_groups || x.size < kLoad) return;

  // What lies beyond the last column repeats it, and is not looked at.
  std::fill(columns.begin() + count_, columns.end(), columns[count_ - 1]);
  linear_columns_.groups.resize(columns.size() / kGroup);
  for (size_t g = 0; g < linear_columns_.groups.size(); ++g) {
    ColumnGroup& group = linear_columns_.groups[g];
    for (int half = 0; half < 2; ++half) {
      const LinearColumns::Column* eight = &columns[g * kGroup + half * kHalfGroup];
      // Eight outputs at a step of at most 2 reach over at most 16 samples.
      const int offset = std::min(eight->left, x.size - kLoad);
      group.offsets[half] = offset;
      for (int i = 0; i < kHalfGroup; ++i) {
        const int at = half * kLoad + 2 * i;
        group.shuffle[at] = static_cast<uint8_t>(eight[i].left - offset);
        group.shuffle[at + 1] = static_cast<uint8_t>(eight[i].right - offset);
        group.weights[at] = static_cast<uint8_t>(128 - eight[i].right_weight);
        group.weights[at + 1] = static_cast<uint8_t>(eight[i].right_weight);
      }
    }
  }
}

void ScaledColumns::prepare_weighted(const Axis& x, int first) {
  WeightedColumns& columns = weighted_columns_;
  columns.count = count_;
  int most = 0;
  for (int i = 0; i < count_; ++i) {
    find_taps(x, first + i, kWeightedColumnBits, taps_);
    most = std::max(most, static_cast<int>(taps_.weights.size()));
    if (i == 0) source_first_ = taps_.first;
    source_width_ = taps_.first + static_cast<int>(taps_.weights.size()) - source_first_;
  }
  columns.taps = most <= 4 ? 4 : round_up(most, 8);
  columns.first = source_first_;
  columns.width = source_width_;
  const int padded = round_up(count_, 8);
  columns.starts.assign(padded, 0);
  columns.weights.assign(size_t(padded) * columns.taps, 0);
  for (int i = 0; i < count_; ++i) {
    find_taps(x, first + i, kWeightedColumnBits, taps_);
    columns.starts[i] = taps_.first - source_first_;
    std::copy(taps_.weights.begin(), taps_.weights.end(),
              columns.weights.begin() + size_t(i) * columns.taps);
  }
}

void PlaneScaler::prepare(const RowFunctions& functions, const Plane& plane, const Axis& y,
                          const ScaledColumns& columns) {
  functions_ = &functions;
  columns_ = &columns;
  plane_ = plane;
  y_ = y;
  if (columns.weighted_) {
    sums_.assign(columns.source_width_ + columns.weighted_columns_.taps, 0);
  } else {
    for (std::vector<int16_t>& row : scaled_) row.resize(round_up(columns.count_, kGroup));
    scaled_y_[0] = scaled_y_[1] = -1;
  }
}

void PlaneScaler::row(int i, uint8_t* out) {
  if (columns_->weighted_) return weighted_row(i, out);
  const LinearTap tap = linear_tap(y_.position(i), kLinearRowBits);
  const int upper_y = std::clamp(tap.left, 0, y_.size - 1);
  const int lower_y = std::clamp(tap.left + 1, 0, y_.size - 1);
  const bool one_row = tap.right_weight == 0 || upper_y == lower_y;
  const int16_t* upper = scaled_source_row(upper_y, one_row ? upper_y : lower_y);
  const int16_t* lower = one_row ? upper : scaled_source_row(lower_y, upper_y);
  functions_->mix_rows(upper, lower, tap.right_weight, out, columns_->count_);
}

// The row from memory, or made in the place of one that is not `keep`.
const int16_t* PlaneScaler::scaled_source_row(int source_y, int keep) {
  for (int slot = 0; slot < 2; ++slot) {
    if (scaled_y_[slot] == source_y) return scaled_[slot].data();
  }
  const int slot = scaled_y_[0] == keep ? 1 : 0;
  functions_->linear_columns(source_row(source_y), columns_->linear_columns_, scaled_[slot].data());
  scaled_y_[slot] = source_y;
  return scaled_[slot].data();
}

// Where sample 0 of the row is, or would be: only the part that the columns need is there.
const uint8_t* PlaneScaler::source_row(int source_y) {
  const uint8_t* row = plane_.data + ptrdiff_t(source_y) * plane_.stride;
  if (plane_.step == 1) return row;
  unzipped_.resize(plane_.width);
  // Loads of 16 samples may begin that much before the first sample that is needed.
  const int first = std::max(0, columns_->source_first_ - kLoad);
  const int end = std::min(plane_.width, columns_->source_first_ + columns_->source_width_ + kLoad);
  unzip(*functions_, row + ptrdiff_t(plane_.step) * first, plane_.step, unzipped_.data() + first, end - first);
  return unzipped_.data();
}

void PlaneScaler::weighted_row(int i, uint8_t* out) {
  find_taps(y_, i, kWeightedRowBits, taps_);
  rows_.clear();
  row_weights_.clear();
  size_t used = 0;
  const auto width = static_cast<size_t>(columns_->source_width_);
  if (plane_.step != 1) unzipped_.resize(taps_.weights.size() * width);
  for (size_t tap = 0; tap < taps_.weights.size(); ++tap) {
    if (taps_.weights[tap] == 0) continue;
    const int source_y = taps_.first + static_cast<int>(tap);
    const uint8_t* row = plane_.data + ptrdiff_t(source_y) * plane_.stride +
                         ptrdiff_t(columns_->source_first_) * plane_.step;
    if (plane_.step != 1) {
      uint8_t* side_by_side = unzipped_.data() + used++ * width;
      unzip(*functions_, row, plane_.step, side_by_side, columns_->source_width_);
      row = side_by_side;
    }
    rows_.push_back(row);
    row_weights_.push_back(static_cast<uint8_t>(taps_.weights[tap]));
  }
  functions_->sum_rows(rows_.data(), row_weights_.data(), static_cast<int>(rows_.size()), sums_.data(),
                       columns_->source_width_);
  functions_->weighted_columns(sums_.data(), columns_->weighted_columns_, out);
}

}  // namespace diptych
