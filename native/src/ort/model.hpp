#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/tensor.hpp"
#include "cuda/decode.hpp"
#include "cuda/device.hpp"
#include "ort/failure.hpp"
#include "ort/options.hpp"
#include "ort/run_history.hpp"

namespace diptych::ort {

// What a detector found, and how its input lies in the picture.
struct Detected {
  TensorMapping mapping;
  cuda::Candidates candidates;
  // As luma_sketch; empty where none was asked for.
  std::vector<uint8_t> sketch;
};

// What an embedder made of the crops.
struct Embedded {
  // One behind the other.
  std::vector<float> embeddings;
  // One a crop.
  std::vector<double> sharpness;
};

// Why there is no answer; `text` is one sentence.
struct Problem {
  Cause cause;
  std::string text;
};

// One to each question.
using Answer = std::variant<Detected, Embedded, Problem>;
// Called on the model's thread.
using OnAnswer = std::function<void(Answer)>;

// What came of opening: graph or none, frames of one run, and the sizes that runs have, rising.
struct ModelInfo {
  GraphUse graph;
  int max_batch = 1;
  std::vector<size_t> batch_sizes;
};

// A network on the GPU and the thread that runs it for all who ask. Any thread.
class Model {
 public:
  // Crops of one question.
  static constexpr size_t kMostCrops = 8;

  // The same for the same options, while somebody has it. Seconds the first time. Throws Failure.
  static std::shared_ptr<Model> open(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options);
  // Answers what was asked, then frees the network: waits for both.
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // As it was opened with.
  const ModelOptions& options() const { return options_; }
  const ModelInfo& info() const { return info_; }
  // Of the runs since it was opened.
  RunSummary summary() const;

  // `asker` tells the streams apart that fill a batch; `sketch_step` ≥ 1 asks for a small picture as
  // well, 0 for none. Of a detector.
  void detect(uint64_t asker, FramePtr frame, const std::optional<Crop>& crop, double score_threshold,
              unsigned sketch_step, OnAnswer on_answer);
  // 1 … kMostCrops crops. Of an embedder.
  void embed(uint64_t asker, FramePtr frame, std::vector<AffineMatrix> matrices, OnAnswer on_answer);

 private:
  struct State;

  Model(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options);

  const ModelOptions options_;
  ModelInfo info_;
  std::unique_ptr<State> state_;
};

}  // namespace diptych::ort
