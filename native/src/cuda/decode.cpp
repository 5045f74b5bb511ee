#include "cuda/decode.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "cuda/decode_impl.hpp"

namespace diptych::cuda {

namespace {

// Score, box and anchor.
constexpr int kCandidateValues = 6;
constexpr int kFaceKeypoints = 5;
constexpr unsigned kThreads = 128;

Grid grid_of(int anchors, size_t pictures) {
  return {(static_cast<unsigned>(anchors) + kThreads - 1) / kThreads, 1, static_cast<unsigned>(pictures), kThreads, 1};
}

// The candidates with the highest scores, at most Candidates::kMost, in the order of their anchors.
Candidates strongest(const std::vector<float>& values, int stride) {
  std::vector<const float*> order(values.size() / static_cast<size_t>(stride));
  for (size_t i = 0; i < order.size(); ++i) order[i] = values.data() + i * static_cast<size_t>(stride);
  const auto by_anchor = [](const float* a, const float* b) { return a[5] < b[5]; };
  const auto by_score = [](const float* a, const float* b) { return a[0] != b[0] ? a[0] > b[0] : a[5] < b[5]; };
  Candidates candidates;
  candidates.stride = stride;
  candidates.is_cut = order.size() > Candidates::kMost;
  if (candidates.is_cut) {
    std::nth_element(order.begin(), order.begin() + Candidates::kMost, order.end(), by_score);
    order.resize(Candidates::kMost);
  }
  std::sort(order.begin(), order.end(), by_anchor);
  candidates.values.reserve(order.size() * static_cast<size_t>(stride));
  for (const float* candidate : order) candidates.values.insert(candidates.values.end(), candidate, candidate + stride);
  return candidates;
}

}  // namespace

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
  const size_t size = kCountsSize + impl_->max_batch * kFirstCandidates * impl_->stride * sizeof(float);
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
    found.push_back(strongest(impl_->take_values(stream, picture, counts[picture]), impl_->stride));
  }
  return found;
}

}  // namespace diptych::cuda
