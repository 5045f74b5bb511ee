#include "cuda/decode.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "cuda/network_output.hpp"
#include "kernels/decode_params.h"

namespace diptych::cuda {

namespace {

constexpr int kDflBins = 16;
constexpr int kBoxChannels = 4 * kDflBins;
constexpr int kBoxValues = 4;
// Score, box and anchor.
constexpr int kCandidateValues = 6;
constexpr int kFaceKeypoints = 5;
constexpr unsigned kThreads = 128;
constexpr size_t kFewestExpected = 64;
constexpr size_t kCountsSize = kMostDecodePictures * sizeof(int32_t);

static_assert(Decoder::kMostPictures == kMostDecodePictures);

}  // namespace

struct Decoder::Impl {
  std::shared_ptr<Device> device;
  DecodeOptions options;
  int input_width;
  int input_height;
  size_t max_batch;
  int keypoints;
  int stride;
  Kernel yolov8;
  Kernel yolov8_heads;
  Kernel levels;
  // Centres of BlazeFace's anchors.
  Buffer centres;
  // Counts and the first candidates of each picture.
  Buffer first;
  PinnedBuffer first_on_host;
  Buffer rest;
  int32_t room = 0;
  size_t pictures = 0;
  // Candidates of a picture that come to the host without being asked for: what the one before had,
  // and some more.
  size_t expected = kFewestExpected;

  void keep_centres();
  CandidatesParams candidates(int anchors, size_t batch);
  Yolov8Params export_params(const NetworkOutput& output, const std::vector<double>& thresholds);
  Yolov8HeadsParams heads_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams scrfd_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams yunet_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams blazeface_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams level_params() const;
  DecodeLevel& add_grid(LevelsParams& params, int stride, int anchors_per_cell) const;
  int point_values(int64_t rest, const std::vector<NetworkOutput>& outputs) const;
  void find(Stream& stream, const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  size_t first_size(size_t count) const { return count * pictures * stride * sizeof(float); }
  std::vector<size_t> take_counts(Stream& stream);
  std::vector<float> take_values(Stream& stream, size_t picture, size_t count);
};

namespace {

Grid grid_of(int anchors, size_t pictures) {
  return {(static_cast<unsigned>(anchors) + kThreads - 1) / kThreads, 1, static_cast<unsigned>(pictures), kThreads, 1};
}

}  // namespace

// Room for every anchor, so that which candidates are kept never depends on the order in which the
// card comes to them.
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

// The level of a stride, its anchors behind those that are there.
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

void Decoder::Impl::find(Stream& stream, const std::vector<NetworkOutput>& outputs,
                         const std::vector<double>& thresholds) {
  const size_t batch = thresholds.size();
  const auto launch = [&stream, batch](const Kernel& kernel, const auto& params) {
    stream.launch(kernel, grid_of(params.anchors, batch), params);
  };
  switch (options.type) {
    case DecodeOptions::Type::kYolov8:
      if (outputs.size() == 1 && outputs[0].dims.size() == 3) {
        return launch(yolov8, export_params(outputs[0], thresholds));
      }
      return launch(yolov8_heads, heads_params(outputs, thresholds));
    case DecodeOptions::Type::kScrfd:
      return launch(levels, scrfd_params(outputs, thresholds));
    case DecodeOptions::Type::kYunet:
      return launch(levels, yunet_params(outputs, thresholds));
    case DecodeOptions::Type::kBlazeface:
      return launch(levels, blazeface_params(outputs, thresholds));
  }
}

void Decoder::Impl::keep_centres() {
  const size_t size = options.anchors.size() * sizeof(float);
  centres = Buffer(device, size);
  Stream stream(device);
  stream.copy_to_device(centres.address(), size, options.anchors.data(), size, size, 1, Purpose::kSetup);
  stream.wait();
}

// How many each picture has; those of them that lie together are on the host then.
std::vector<size_t> Decoder::Impl::take_counts(Stream& stream) {
  stream.wait();
  std::vector<size_t> counts;
  size_t most = 0;
  for (size_t picture = 0; picture < pictures; ++picture) {
    int32_t count = 0;
    std::memcpy(&count, first_on_host.data() + picture * sizeof(count), sizeof(count));
    counts.push_back(static_cast<size_t>(count));
    most = std::max(most, std::min<size_t>(counts.back(), kFirstCandidates));
  }
  if (most > expected) {
    const size_t from = kCountsSize + first_size(expected);
    const size_t size = first_size(most - expected);
    stream.copy_to_host(first_on_host.data() + from, size, first.address() + from, size, size, 1, Purpose::kResult);
    stream.wait();
  }
  expected = std::clamp<size_t>(most + most / 2, kFewestExpected, kFirstCandidates);
  return counts;
}

std::vector<float> Decoder::Impl::take_values(Stream& stream, size_t picture, size_t count) {
  std::vector<float> values(count * stride);
  const size_t together = std::min<size_t>(count, kFirstCandidates);
  const size_t size_of_one = stride * sizeof(float);
  for (size_t i = 0; i < together; ++i) {
    std::memcpy(values.data() + i * stride,
                first_on_host.data() + kCountsSize + (i * pictures + picture) * size_of_one, size_of_one);
  }
  const size_t from_first = together * stride;
  if (count > kFirstCandidates) {
    const size_t size = (values.size() - from_first) * sizeof(float);
    const Address from = rest.address() + picture * room * stride * sizeof(float);
    stream.copy_to_host(values.data() + from_first, size, from, size, size, 1, Purpose::kResult);
    stream.wait();
  }
  return values;
}

Decoder::Decoder(std::shared_ptr<Device> device, DecodeOptions options, int input_width, int input_height,
                 int max_batch)
    : impl_(std::make_unique<Impl>()) {
  if (max_batch < 1 || max_batch > kMostDecodePictures || options.strides.size() > kMostDecodeLevels) {
    throw std::length_error("decoder: more pictures or strides than a launch takes");
  }
  using Type = DecodeOptions::Type;
  const bool is_face = options.type == Type::kScrfd || options.type == Type::kYunet;
  impl_->keypoints = is_face ? kFaceKeypoints : options.keypoints;
  impl_->stride = kCandidateValues + 2 * impl_->keypoints;
  impl_->device = device;
  impl_->options = std::move(options);
  impl_->input_width = input_width;
  impl_->input_height = input_height;
  impl_->max_batch = static_cast<size_t>(max_batch);
  switch (impl_->options.type) {
    case Type::kYolov8:
      impl_->yolov8 = device->kernel("decode_yolov8");
      impl_->yolov8_heads = device->kernel("decode_yolov8_heads");
      break;
    case Type::kScrfd:
      impl_->levels = device->kernel("decode_scrfd");
      break;
    case Type::kYunet:
      impl_->levels = device->kernel("decode_yunet");
      break;
    case Type::kBlazeface:
      impl_->levels = device->kernel("decode_blazeface");
      impl_->keep_centres();
      break;
  }
  const size_t size =
      kCountsSize + size_t{kMostDecodePictures} * kFirstCandidates * impl_->stride * sizeof(float);
  impl_->first = Buffer(device, size);
  impl_->first_on_host = PinnedBuffer(device, size);
}

Decoder::~Decoder() = default;

void Decoder::launch(Stream& stream, const std::vector<NetworkOutput>& outputs,
                     const std::vector<double>& thresholds) {
  if (thresholds.empty() || thresholds.size() > impl_->max_batch) {
    throw std::length_error("decoder: more pictures than it was made for, or none");
  }
  impl_->pictures = 0;
  stream.fill(impl_->first.address(), 0, kCountsSize);
  impl_->find(stream, outputs, thresholds);
  impl_->pictures = thresholds.size();
  const size_t size = kCountsSize + impl_->first_size(impl_->expected);
  stream.copy_to_host(impl_->first_on_host.data(), size, impl_->first.address(), size, size, 1, Purpose::kResult);
}

std::vector<Candidates> Decoder::take(Stream& stream) {
  const std::vector<size_t> counts = impl_->take_counts(stream);
  std::vector<Candidates> found;
  for (size_t picture = 0; picture < impl_->pictures; ++picture) {
    const size_t stride = static_cast<size_t>(impl_->stride);
    const std::vector<float> values = impl_->take_values(stream, picture, counts[picture]);
    std::vector<const float*> order(counts[picture]);
    for (size_t i = 0; i < order.size(); ++i) order[i] = values.data() + i * stride;
    const auto by_anchor = [](const float* a, const float* b) { return a[5] < b[5]; };
    const auto by_score = [](const float* a, const float* b) {
      return a[0] != b[0] ? a[0] > b[0] : a[5] < b[5];
    };
    const bool is_cut = order.size() > Candidates::kMost;
    if (is_cut) {
      std::nth_element(order.begin(), order.begin() + Candidates::kMost, order.end(), by_score);
      order.resize(Candidates::kMost);
    }
    std::sort(order.begin(), order.end(), by_anchor);
    Candidates candidates;
    candidates.stride = impl_->stride;
    candidates.is_cut = is_cut;
    candidates.values.reserve(order.size() * stride);
    for (const float* candidate : order) candidates.values.insert(candidates.values.end(), candidate, candidate + stride);
    found.push_back(std::move(candidates));
  }
  return found;
}

}  // namespace diptych::cuda
