#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/tensor.hpp"
#include "cuda/decode.hpp"

namespace diptych::ort {

// What runs the network.
enum class Provider {
  kCuda,
  kTensorRt,
  // Runs on the "device" memory of a stand-in for the GPU, which is the host's.
  kCpu,
};

// GpuModelOptions of src/stream/native/gpu-types.ts, checked.
struct ModelOptions {
  // Of the ONNX file.
  std::string path;
  // libonnxruntime.so.1; the providers' libraries lie beside it.
  std::string library;
  Provider provider = Provider::kCuda;
  // Calculates with all 24 bits of a 32-bit float: not in TF32, and not in FP16 where TensorRT likes to.
  bool is_exact = false;
  // The CUDA provider keeps channels innermost (NHWC), where the network can run so.
  bool channels_last = true;
  // Where TensorRT keeps its engines; empty to keep none.
  std::string cache;
  // Empty for the model's only input, and for all of its outputs in their order.
  std::string input_name;
  std::vector<std::string> output_names;
  // Size of the input, and how pixels become its numbers.
  TensorSpec input{};
  // Frames of one run, 1 … 8.
  int max_batch = 1;
  // How long a run may wait to be filled.
  std::chrono::microseconds max_wait{0};
  // Of a detector; else the network embeds.
  std::optional<cuda::DecodeOptions> decode;
  // Of an embedder: numbers of one embedding.
  int embedding_length = 0;
};

// Whether one network serves both.
bool operator==(const ModelOptions& a, const ModelOptions& b);

// Whether runs are replayed as a CUDA graph, and why not.
struct GraphUse {
  bool is_used = false;
  std::string reason;
};

}  // namespace diptych::ort
