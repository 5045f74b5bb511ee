#pragma once

#include <napi.h>

#include <optional>
#include <vector>

#include "core/compose.hpp"
#include "core/tensor.hpp"
#include "ort/options.hpp"

namespace diptych {

// More of napi/arguments.hpp, for what only the networks on the GPU take.

const char* provider_name(ort::Provider provider);
// GpuModelOptions of src/stream/native/types.ts.
ort::ModelOptions model_options_argument(Napi::Value value);

// What is asked of a detector: a part of the picture, the least score, 0 … 1, and a small picture by
// its step; 0 for none.
struct DetectArguments {
  std::optional<Crop> crop;
  double score_threshold;
  unsigned sketch_step;
};
// The third argument of detectOnGpu.
DetectArguments detect_arguments(Napi::Value value);

// A Float64Array of six numbers a matrix, at most `most` of them.
std::vector<AffineMatrix> matrices_argument(Napi::Value value, size_t most);

}  // namespace diptych
