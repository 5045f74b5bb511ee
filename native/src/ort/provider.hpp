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
  // The CUDA provider keeps channels innermost (NHWC), which tensor cores want. Measured on an H200 with an FP16
  // network of YOLOv8n's shape: a frame takes 1.02 instead of 1.27 ms on the GPU, one of eight at once 0.31 instead of
  // 0.34 ms. With fuse_conv_bias as well it is 0.92 and 0.25 ms, but a network takes some six seconds longer to open,
  // for cuDNN makes a plan for each convolution and size of batch.
  bool channels_last = false;
};

// Options of a session that works on `stream`. Throws Failure (kMissing), which names the library that
// is not there.
Owned<SessionOptions> session_options(const Library& library, const ModelOptions& options, int device,
                                      cuda::Stream& stream, SessionUse use, const InputShape& input);

}  // namespace diptych::ort
