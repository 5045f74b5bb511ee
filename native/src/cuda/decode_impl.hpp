#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/decode.hpp"
#include "kernels/decode_params.h"

namespace diptych::cuda {

// Candidates of a picture that are asked for before it is known how many there are.
constexpr size_t kFewestExpected = 64;
// Bytes of the counts of all pictures, which lie in front of the candidates.
constexpr size_t kCountsSize = kMostDecodePictures * sizeof(int32_t);

static_assert(Decoder::kMostPictures == kMostDecodePictures);
// Parameters of a kernel, bytes (CUDA C++ Programming Guide, "__global__ Function Parameters").
constexpr size_t kMostParameterBytes = 4096;
static_assert(sizeof(Yolov8Params) <= kMostParameterBytes && sizeof(Yolov8HeadsParams) <= kMostParameterBytes &&
              sizeof(LevelsParams) <= kMostParameterBytes);

// The state of a decoder, and what its kernels are launched with. One thread.
struct Decoder::Impl {
  std::shared_ptr<Device> device;
  DecodeOptions options;
  // Of the network's input, pixels.
  int input_width;
  int input_height;
  size_t max_batch;
  int keypoints;
  // Numbers of one candidate.
  int stride;
  // Those that the type needs; the others are empty.
  Kernel yolov8;
  Kernel yolov8_heads;
  Kernel levels;
  // Centres of BlazeFace's anchors.
  Buffer centres;
  // Counts and the first candidates of each picture.
  Buffer first;
  PinnedBuffer first_on_host;
  // Candidates of each picture beyond the first kFirstCandidates; room for `room` a picture.
  Buffer rest;
  int32_t room = 0;
  // Of the last launch.
  size_t pictures = 0;
  // Candidates of a picture that come to the host without being asked for: what the one before had,
  // and some more.
  size_t expected = kFewestExpected;

  // Copies BlazeFace's anchors to the GPU.
  void keep_centres();
  // What the kernels are launched with for these outputs: decode_layouts.cpp. Each throws
  // std::runtime_error where the outputs are not of the declared shape. `thresholds`: the least score
  // of each picture.
  // Room for every anchor, so that which candidates are kept never depends on the order in which the
  // GPU comes to them.
  CandidatesParams candidates(int anchors, size_t batch);
  Yolov8Params export_params(const NetworkOutput& output, const std::vector<double>& thresholds);
  Yolov8HeadsParams heads_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams scrfd_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams yunet_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams blazeface_params(const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  LevelsParams level_params() const;
  // The level of a stride, its anchors behind those that are there.
  DecodeLevel& add_grid(LevelsParams& params, int stride, int anchors_per_cell) const;
  // Numbers of each keypoint: 2, or 3 with a score; 0 without keypoints.
  int point_values(int64_t rest, const std::vector<NetworkOutput>& outputs) const;
  // Launches the kernels that look through `outputs`.
  void find(Stream& stream, const std::vector<NetworkOutput>& outputs, const std::vector<double>& thresholds);
  // Bytes of the first `count` candidates of every picture.
  size_t first_size(size_t count) const { return count * pictures * stride * sizeof(float); }
  // How many each picture has; those of them that lie together are on the host then.
  std::vector<size_t> take_counts(Stream& stream);
  // The candidates of a picture, in no order.
  std::vector<float> take_values(Stream& stream, size_t picture, size_t count);
};

}  // namespace diptych::cuda
