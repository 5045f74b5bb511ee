// What each family of detectors gives, as parameters of the kernels that look through it.
#include <algorithm>
#include <string>

#include "cuda/decode_impl.hpp"
#include "cuda/network_output.hpp"

namespace diptych::cuda {

namespace {

constexpr int kDflBins = 16;
constexpr int kBoxChannels = 4 * kDflBins;
constexpr int kBoxValues = 4;

}  // namespace

CandidatesParams Decoder::Impl::candidates(int anchors, size_t batch) {
  const int32_t needed = std::max(anchors - kFirstCandidates, 0);
  if (needed > room) {
    rest = Buffer(device, max_batch * needed * stride * sizeof(float));
    room = needed;
  }
  return {first.address(), first.address() + kCountsSize, rest.address(), room, stride,
          static_cast<int32_t>(batch)};
}

int Decoder::Impl::point_values(int64_t rest_channels, const std::vector<NetworkOutput>& outputs) const {
  const int64_t values = keypoints == 0 ? 0 : rest_channels / keypoints;
  const bool fits = values * keypoints == rest_channels && (keypoints == 0 || values == 2 || values == 3);
  if (!fits) {
    throw wrong_shape("YOLOv8",
                      "channels for " + std::to_string(options.classes) + " class(es) and " +
                          std::to_string(keypoints) + " keypoints",
                      outputs);
  }
  return static_cast<int>(values);
}

Yolov8Params Decoder::Impl::export_params(const NetworkOutput& output, const std::vector<double>& thresholds) {
  const int64_t rows = output.dims[1];
  const int64_t columns = output.dims[2];
  if (output.dims[0] < static_cast<int64_t>(thresholds.size())) {
    throw wrong_shape("YOLOv8", "an output for " + std::to_string(thresholds.size()) + " pictures", {output});
  }
  // Anchors outnumber channels in every export; a transposed one has them first.
  const bool is_transposed = rows > columns;
  Yolov8Params params{};
  params.data = output.data;
  params.anchors = static_cast<int32_t>(std::max(rows, columns));
  params.channels = static_cast<int32_t>(std::min(rows, columns));
  params.channel_step = is_transposed ? 1 : params.anchors;
  params.anchor_step = is_transposed ? params.channels : 1;
  params.first_point = 4 + options.classes;
  params.keypoints = keypoints;
  params.point_values = point_values(params.channels - params.first_point, {output});
  std::transform(thresholds.begin(), thresholds.end(), params.thresholds, least_float);
  params.candidates = candidates(params.anchors, thresholds.size());
  return params;
}

Yolov8HeadsParams Decoder::Impl::heads_params(const std::vector<NetworkOutput>& outputs,
                                              const std::vector<double>& thresholds) {
  if (outputs.empty() || outputs.size() > kMostDecodeLevels) {
    throw wrong_shape("YOLOv8", "1 to " + std::to_string(kMostDecodeLevels) + " outputs", outputs);
  }
  Yolov8HeadsParams params{};
  for (const NetworkOutput& output : outputs) {
    const bool fits = output.dims.size() == 4 && output.dims[0] >= static_cast<int64_t>(thresholds.size()) &&
                      output.dims[2] > 0 && output.dims[3] > 0;
    if (!fits) {
      throw wrong_shape("YOLOv8", std::to_string(thresholds.size()) + "×channels×rows×columns", {output});
    }
    Yolov8Head& head = params.heads[params.head_count++];
    head.data = output.data;
    head.columns = static_cast<int32_t>(output.dims[3]);
    head.cells = static_cast<int32_t>(output.dims[2] * output.dims[3]);
    head.stride = static_cast<double>(input_width) / static_cast<double>(head.columns);
    head.first_anchor = params.anchors;
    head.point_values = point_values(output.dims[1] - kBoxChannels - options.classes, {output});
    params.anchors += head.cells;
  }
  params.classes = options.classes;
  params.keypoints = keypoints;
  std::transform(thresholds.begin(), thresholds.end(), params.thresholds, least_logit);
  params.candidates = candidates(params.anchors, thresholds.size());
  return params;
}

LevelsParams Decoder::Impl::level_params() const {
  LevelsParams params{};
  params.anchors_per_cell = options.anchors_per_cell;
  params.keypoints = keypoints;
  params.centres = centres.address();
  params.input_width = input_width;
  params.input_height = input_height;
  return params;
}

DecodeLevel& Decoder::Impl::add_grid(LevelsParams& params, int stride, int anchors_per_cell) const {
  DecodeLevel& level = params.levels[params.level_count++];
  level.stride = stride;
  level.columns = input_width / stride;
  level.anchors = level.columns * (input_height / stride) * anchors_per_cell;
  level.first_anchor = params.anchors;
  params.anchors += level.anchors;
  return level;
}

LevelsParams Decoder::Impl::scrfd_params(const std::vector<NetworkOutput>& outputs,
                                         const std::vector<double>& thresholds) {
  LevelsParams params = level_params();
  const size_t pictures = thresholds.size();
  const size_t count = options.strides.size();
  for (size_t i = 0; i < count; ++i) {
    DecodeLevel& level = add_grid(params, options.strides[i], options.anchors_per_cell);
    level.scores = output_of_length(outputs, i, level.anchors, pictures, "SCRFD");
    level.boxes = output_of_length(outputs, i + count, int64_t{4} * level.anchors, pictures, "SCRFD");
    level.points = output_of_length(outputs, i + 2 * count, int64_t{2} * keypoints * level.anchors, pictures, "SCRFD");
  }
  std::copy(thresholds.begin(), thresholds.end(), params.thresholds);
  params.candidates = candidates(params.anchors, thresholds.size());
  return params;
}

LevelsParams Decoder::Impl::yunet_params(const std::vector<NetworkOutput>& outputs,
                                         const std::vector<double>& thresholds) {
  LevelsParams params = level_params();
  const size_t pictures = thresholds.size();
  const size_t count = options.strides.size();
  for (size_t i = 0; i < count; ++i) {
    DecodeLevel& level = add_grid(params, options.strides[i], 1);
    level.scores = output_of_length(outputs, i, level.anchors, pictures, "YuNet");
    level.objects = output_of_length(outputs, i + count, level.anchors, pictures, "YuNet");
    level.boxes = output_of_length(outputs, i + 2 * count, int64_t{4} * level.anchors, pictures, "YuNet");
    level.points = output_of_length(outputs, i + 3 * count, int64_t{2} * keypoints * level.anchors, pictures, "YuNet");
  }
  // √(c·o) ≥ t exactly when c·o ≥ t².
  std::transform(thresholds.begin(), thresholds.end(), params.thresholds, [](double t) { return t * t; });
  params.candidates = candidates(params.anchors, thresholds.size());
  return params;
}

LevelsParams Decoder::Impl::blazeface_params(const std::vector<NetworkOutput>& outputs,
                                             const std::vector<double>& thresholds) {
  const size_t count = outputs.size() / 2;
  if (count == 0 || outputs.size() != 2 * count || count > kMostDecodeLevels) {
    throw wrong_shape("BlazeFace", "the scores, then the boxes of each grid", outputs);
  }
  LevelsParams params = level_params();
  const auto all = static_cast<int32_t>(options.anchors.size() / 2);
  for (size_t i = 0; i < count; ++i) {
    DecodeLevel& level = params.levels[params.level_count++];
    const int64_t batch = outputs[i].dims.empty() ? 1 : outputs[i].dims[0];
    level.anchors = static_cast<int32_t>(length_of(outputs[i]) / std::max<int64_t>(batch, 1));
    level.first_anchor = params.anchors;
    if (level.anchors == 0) throw wrong_shape("BlazeFace", "scores in its first outputs", outputs);
    level.scores = output_of_length(outputs, i, level.anchors, thresholds.size(), "BlazeFace");
    level.boxes = output_of_length(outputs, i + count, int64_t{kBoxValues + 2 * keypoints} * level.anchors,
                          thresholds.size(), "BlazeFace");
    params.anchors += level.anchors;
  }
  if (params.anchors != all) {
    throw wrong_shape("BlazeFace", "scores of " + std::to_string(all) + " anchors", outputs);
  }
  std::transform(thresholds.begin(), thresholds.end(), params.thresholds, least_logit);
  params.candidates = candidates(params.anchors, thresholds.size());
  return params;
}

}  // namespace diptych::cuda
