// Outputs of detectors to candidates, as the decoders of src/stream/stages/detect: x is the anchor, over
// all outputs in their order, z the picture of the batch. Few anchors get beyond the threshold, and
// only they are calculated in double precision.
#include "decode_params.h"

#include "kernel.h"

using namespace diptych::cuda;

namespace {

// Bins of each side's distance distribution (reg_max).
constexpr int kDflBins = 16;
constexpr int kBoxChannels = 4 * kDflBins;
// BlazeFace: numbers before the points of an anchor.
constexpr int kBoxValues = 4;

DIPTYCH_DEVICE const float* floats(uint64_t address) { return reinterpret_cast<const float*>(address); }

DIPTYCH_DEVICE double sigmoid(double x) { return 1 / (1 + exp(-x)); }
DIPTYCH_DEVICE double at_most_one(double value) { return value > 1 ? 1 : value; }

// Room for one candidate of picture `z`.
DIPTYCH_DEVICE float* claim(const CandidatesParams& candidates, int z) {
  const int index = diptych_atomic_add(reinterpret_cast<int*>(candidates.counts) + z, 1);
  if (index < kFirstCandidates) {
    return reinterpret_cast<float*>(candidates.first) +
           (static_cast<int64_t>(index) * candidates.pictures + z) * candidates.stride;
  }
  return reinterpret_cast<float*>(candidates.rest) +
         (static_cast<int64_t>(z) * candidates.rest_room + index - kFirstCandidates) * candidates.stride;
}

DIPTYCH_DEVICE void write_box(float* to, double score, double left, double top, double right, double bottom,
                              int anchor) {
  to[0] = static_cast<float>(score);
  to[1] = static_cast<float>(left);
  to[2] = static_cast<float>(top);
  to[3] = static_cast<float>(right);
  to[4] = static_cast<float>(bottom);
  to[5] = static_cast<float>(anchor);
}

DIPTYCH_DEVICE void write_point(float* to, int k, double x, double y) {
  to[6 + 2 * k] = static_cast<float>(x);
  to[7 + 2 * k] = static_cast<float>(y);
}

// Mean of the softmax distribution over the bins from `bins` on, `step` apart.
DIPTYCH_DEVICE double expected_distance(const float* bins, int64_t step) {
  double largest = bins[0];
  for (int bin = 1; bin < kDflBins; ++bin) {
    const double value = bins[bin * step];
    if (value > largest) largest = value;
  }
  double total = 0;
  double weighted = 0;
  for (int bin = 0; bin < kDflBins; ++bin) {
    const double weight = exp(bins[bin * step] - largest);
    total += weight;
    weighted += weight * bin;
  }
  return weighted / total;
}

// The level that holds anchor `x`.
template <typename Level>
DIPTYCH_DEVICE const Level& level_of(const Level* levels, int count, int x) {
  int level = 0;
  while (level + 1 < count && x >= levels[level + 1].first_anchor) ++level;
  return levels[level];
}

}  // namespace

DIPTYCH_KERNEL(decode_yolov8, Yolov8Params) {
  const int anchor = DIPTYCH_X;
  const int z = DIPTYCH_Z;
  if (anchor >= params.anchors) return;
  const int64_t length = static_cast<int64_t>(params.anchors) * params.channels;
  const float* values = floats(params.data) + length * z + static_cast<int64_t>(anchor) * params.anchor_step;
  const int64_t step = params.channel_step;
  const float score = values[4 * step];
  if (!(score >= params.thresholds[z])) return;
  const double x = values[0];
  const double y = values[step];
  const double half_width = values[2 * step] / 2.0;
  const double half_height = values[3 * step] / 2.0;
  float* to = claim(params.candidates, z);
  write_box(to, at_most_one(score), x - half_width, y - half_height, x + half_width, y + half_height, anchor);
  for (int k = 0; k < params.keypoints; ++k) {
    const int channel = params.first_point + k * params.point_values;
    write_point(to, k, values[channel * step], values[(channel + 1) * step]);
  }
}

DIPTYCH_KERNEL(decode_yolov8_heads, Yolov8HeadsParams) {
  const int anchor = DIPTYCH_X;
  const int z = DIPTYCH_Z;
  if (anchor >= params.anchors) return;
  const Yolov8Head& head = level_of(params.heads, params.head_count, anchor);
  const int cell = anchor - head.first_anchor;
  const int channels = kBoxChannels + params.classes + params.keypoints * head.point_values;
  const int64_t step = head.cells;
  const float* values = floats(head.data) + step * channels * z + cell;
  const float logit = values[kBoxChannels * step];
  if (!(logit >= params.thresholds[z])) return;
  const int column = cell % head.columns;
  const int row = cell / head.columns;
  const double x = (column + 0.5) * head.stride;
  const double y = (row + 0.5) * head.stride;
  double sides[4];
  for (int side = 0; side < 4; ++side) {
    sides[side] = expected_distance(values + side * kDflBins * step, step) * head.stride;
  }
  float* to = claim(params.candidates, z);
  write_box(to, sigmoid(logit), x - sides[0], y - sides[1], x + sides[2], y + sides[3], anchor);
  for (int k = 0; k < params.keypoints; ++k) {
    const int channel = kBoxChannels + params.classes + k * head.point_values;
    write_point(to, k, (column + values[channel * step] * 2.0) * head.stride,
                (row + values[(channel + 1) * step] * 2.0) * head.stride);
  }
}

DIPTYCH_KERNEL(decode_scrfd, LevelsParams) {
  const int index = DIPTYCH_X;
  const int z = DIPTYCH_Z;
  if (index >= params.anchors) return;
  const DecodeLevel& level = level_of(params.levels, params.level_count, index);
  const int anchor = index - level.first_anchor;
  const int64_t in_batch = static_cast<int64_t>(level.anchors) * z + anchor;
  const float score = floats(level.scores)[in_batch];
  if (!(score >= params.thresholds[z])) return;
  const int cell = anchor / params.anchors_per_cell;
  const double stride = level.stride;
  const double x = (cell % level.columns) * stride;
  const double y = (cell / level.columns) * stride;
  const float* box = floats(level.boxes) + in_batch * 4;
  const float* points = floats(level.points) + in_batch * 2 * params.keypoints;
  float* to = claim(params.candidates, z);
  write_box(to, at_most_one(score), x - box[0] * stride, y - box[1] * stride, x + box[2] * stride,
            y + box[3] * stride, index);
  for (int k = 0; k < params.keypoints; ++k) {
    write_point(to, k, x + points[2 * k] * stride, y + points[2 * k + 1] * stride);
  }
}

DIPTYCH_KERNEL(decode_yunet, LevelsParams) {
  const int index = DIPTYCH_X;
  const int z = DIPTYCH_Z;
  if (index >= params.anchors) return;
  const DecodeLevel& level = level_of(params.levels, params.level_count, index);
  const int cell = index - level.first_anchor;
  const int64_t in_batch = static_cast<int64_t>(level.anchors) * z + cell;
  const auto unit = [](double value) { return value > 1 ? 1 : value < 0 ? 0 : value; };
  // The product of two floats is exact.
  const double product = unit(floats(level.scores)[in_batch]) * unit(floats(level.objects)[in_batch]);
  if (!(product >= params.thresholds[z])) return;
  const double stride = level.stride;
  const int column = cell % level.columns;
  const int row = cell / level.columns;
  const float* box = floats(level.boxes) + in_batch * 4;
  const float* points = floats(level.points) + in_batch * 2 * params.keypoints;
  const double x = (column + static_cast<double>(box[0])) * stride;
  const double y = (row + static_cast<double>(box[1])) * stride;
  const double half_width = exp(static_cast<double>(box[2])) * stride / 2;
  const double half_height = exp(static_cast<double>(box[3])) * stride / 2;
  float* to = claim(params.candidates, z);
  write_box(to, sqrt(product), x - half_width, y - half_height, x + half_width, y + half_height, index);
  for (int k = 0; k < params.keypoints; ++k) {
    write_point(to, k, (column + static_cast<double>(points[2 * k])) * stride,
                (row + static_cast<double>(points[2 * k + 1])) * stride);
  }
}

DIPTYCH_KERNEL(decode_blazeface, LevelsParams) {
  const int index = DIPTYCH_X;
  const int z = DIPTYCH_Z;
  if (index >= params.anchors) return;
  const DecodeLevel& level = level_of(params.levels, params.level_count, index);
  const int64_t in_batch = static_cast<int64_t>(level.anchors) * z + index - level.first_anchor;
  const float logit = floats(level.scores)[in_batch];
  if (!(logit >= params.thresholds[z])) return;
  const float* values = floats(level.boxes) + in_batch * (kBoxValues + 2 * params.keypoints);
  const float* centre = floats(params.centres) + static_cast<int64_t>(index) * 2;
  const double anchor_x = centre[0] * params.input_width;
  const double anchor_y = centre[1] * params.input_height;
  const double x = anchor_x + values[0];
  const double y = anchor_y + values[1];
  const double half_width = values[2] / 2.0;
  const double half_height = values[3] / 2.0;
  float* to = claim(params.candidates, z);
  write_box(to, sigmoid(logit), x - half_width, y - half_height, x + half_width, y + half_height, index);
  for (int k = 0; k < params.keypoints; ++k) {
    write_point(to, k, anchor_x + values[kBoxValues + 2 * k], anchor_y + values[kBoxValues + 2 * k + 1]);
  }
}
