#pragma once

#include <gst/video/video.h>

#include <memory>

#include "cuda/device.hpp"

namespace diptych::cuda {

// Buffers for composed_picture_info in page-locked memory, so that the GPU writes right into what
// an encoder reads. They are used again when nobody refers to them any more: at most kMostBuffers
// in all. Any thread.
class PinnedPictures {
 public:
  // Of all sizes.
  static constexpr size_t kMostBuffers = 512;

  // Allocates nothing yet.
  explicit PinnedPictures(std::shared_ptr<Device> device);

  // A writable picture of the layout asked for.
  struct Picture {
    GstBuffer* buffer;  // the caller's own reference
    uint8_t* data;
  };
  // Throws std::runtime_error where all are in use, Error where there is no more such memory.
  Picture acquire(const GstVideoInfo& info);

 private:
  struct State;
  struct Lease;
  std::shared_ptr<State> state_;
};

}  // namespace diptych::cuda
