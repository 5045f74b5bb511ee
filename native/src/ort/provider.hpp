#pragma once

#include <string>
#include <vector>

#include "cuda/device.hpp"
#include "ort/library.hpp"
#include "ort/options.hpp"

namespace diptych::ort {

// The largest input of a network, which TensorRT plans for; its batch may be any up to that one.
struct InputShape {
  std::string name;
  std::vector<int64_t> dims;
};

// How a session runs its network.
struct SessionUse {
  // Runs are replayed as CUDA graphs.
  bool is_replayed = false;
  // The CUDA provider keeps channels innermost, which tensor cores want, and adds the bias within a convolution.
  // Measured on an H200 with an FP16 network of YOLOv8n's shape: a frame takes 0.92 instead of 1.27 ms on the GPU, one
  // of eight at once 0.25 instead of 0.34 ms. cuDNN refuses it for some networks.
  bool is_fused = false;
};

// Options of a session that works on `stream`. Throws Failure (kMissing), which names the library that
// is not there.
Owned<SessionOptions> session_options(const Library& library, const ModelOptions& options, int device,
                                      cuda::Stream& stream, SessionUse use, const InputShape& input);

}  // namespace diptych::ort
