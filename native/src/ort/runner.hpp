#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cuda/device.hpp"
#include "cuda/mapped_picture.hpp"
#include "cuda/tensor.hpp"
#include "ort/batch_queue.hpp"
#include "ort/model.hpp"
#include "ort/network.hpp"

namespace diptych::ort {

// What is asked of a network, about one frame.
struct Question {
  // Tells streams apart.
  uint64_t asker;
  FramePtr frame;
  // Of a detector.
  std::optional<Crop> crop;
  double score_threshold = 0;
  unsigned sketch_step = 0;
  // Of an embedder: one a crop.
  std::vector<AffineMatrix> matrices;
  OnAnswer on_answer;
  QueueClock::time_point asked_at = QueueClock::now();

  // Frames or crops.
  size_t size() const { return matrices.empty() ? 1 : matrices.size(); }
};

// What is wrong, of the exception being handled, within a catch.
Problem current_problem(const cuda::Device& device);

// Frames in, numbers out: the work of a model's thread, and only there.
class Runner {
 public:
  // Loads the network. `options` must outlive this. Throws Failure, or what cuda throws.
  Runner(std::shared_ptr<cuda::Device> device, const ModelOptions& options);
  // Does not change.
  ModelInfo info() const { return {network_->graph(), network_->max_batch(), network_->batch_sizes()}; }
  // One answer a question, in their order; a frame that can't be read fails alone. Gives the time
  // on the GPU, ms.
  double answer(const std::vector<Question>& questions, std::vector<Answer>& answers);

 private:
  // A question whose frame lies on the GPU.
  struct Picture {
    size_t question;
    std::unique_ptr<cuda::MappedDevicePicture> mapped;
  };
  std::vector<Picture> map(const std::vector<Question>& questions, std::vector<Answer>& answers);
  void detect(const std::vector<Question>& questions, const std::vector<Picture>& pictures,
              std::vector<Answer>& answers);
  // Starts to make the small pictures that are asked for; where each begins, none for 0 bytes.
  std::vector<size_t> sketch(const std::vector<Question>& questions, const std::vector<Picture>& pictures);
  void embed(const std::vector<Question>& questions, const std::vector<Picture>& pictures,
             std::vector<Answer>& answers);
  void warp(const std::vector<Question>& questions, const std::vector<Picture>& pictures, size_t first, size_t count);

  const std::shared_ptr<cuda::Device> device_;
  const ModelOptions& options_;
  const std::unique_ptr<Network> network_;
  const cuda::TensorKernels kernels_;
  cuda::Event begin_;
  cuda::Event end_;
  // Of a detector.
  std::unique_ptr<cuda::Decoder> decoder_;
  // Small pictures of a batch, one behind the other, there and on the host.
  cuda::Buffer sketches_;
  cuda::PinnedBuffer sketched_;
  // Of an embedder: sums of a batch, and where they and the embeddings come to on the host.
  cuda::Buffer sums_;
  cuda::PinnedBuffer results_;
};

}  // namespace diptych::ort
