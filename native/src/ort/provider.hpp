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

// Options of a session that works on `stream`, and where asked replays CUDA graphs. Throws Failure
// (kMissing), which names the library that is not there.
Owned<SessionOptions> session_options(const Library& library, const ModelOptions& options, int device,
                                      cuda::Stream& stream, bool uses_graph, const InputShape& input);

}  // namespace diptych::ort
