#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/device.hpp"

namespace diptych::cuda {

// What the outputs of a detector mean; GpuDecode of src/stream/native/types.ts, the decoders of
// src/stream/stages/detect.
struct DecodeOptions {
  // Families of detectors; see src/stream/stages/detect for what each gives.
  enum class Type { kYolov8, kScrfd, kYunet, kBlazeface };
  Type type;
  // YOLOv8: classes the network tells apart, of which class 0 is taken.
  int classes = 1;
  // YOLOv8 and BlazeFace: points that each box comes with. SCRFD and YuNet have five.
  int keypoints = 0;
  // SCRFD, YuNet.
  std::vector<int> strides;
  // SCRFD.
  int anchors_per_cell = 1;
  // BlazeFace: centre x and centre y of each anchor, fractions of the input, all grids in order.
  std::vector<float> anchors;
};

// An output of the network, floats, on the GPU. The first dimension is the batch, or the whole
// is one picture's.
struct NetworkOutput {
  // On the GPU.
  Address data;
  std::vector<int64_t> dims;
};

// What a detector found in one picture: `stride` numbers a candidate, rising by anchor: score
// (at most 1), left, top, right, bottom in pixels of the network's input, index of the anchor, x
// and y of each keypoint. BlazeFace's box and points are as the network gives them.
struct Candidates {
  // Candidates of one picture.
  static constexpr size_t kMost = 256;
  // Numbers of one candidate.
  int stride = 0;
  // `stride` numbers a candidate, one behind the other.
  std::vector<float> values;
  // More than kMost had the score: the strongest are left.
  bool is_cut = false;
};

// Finds the candidates on the GPU, so that only they come to the host. One thread.
class Decoder {
 public:
  // Pictures of one launch.
  static constexpr size_t kMostPictures = 32;

  // `input_width`, `input_height`: of the network's input, pixels. `max_batch`: at most kMostPictures.
  Decoder(std::shared_ptr<Device> device, DecodeOptions options, int input_width, int input_height, int max_batch);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Looks through the first thresholds.size() pictures of the batch, each with its own least score,
  // in one launch, and has the first of what it finds copied. Returns at once. Throws
  // std::runtime_error where the outputs are not of the declared shape.
  void launch(Stream& stream, const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  // Waits for the stream, and gives what the last launch found in each picture.
  std::vector<Candidates> take(Stream& stream);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace diptych::cuda
