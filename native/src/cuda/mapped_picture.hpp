#pragma once

#include <memory>

#include "core/frame_store.hpp"
#include "core/picture.hpp"

namespace diptych::cuda {

// A frame's pixels on the GPU, in reach while it lives; plane addresses are device addresses
// (Plane::data reinterpreted). I420, NV12 or P010. Any thread.
class MappedDevicePicture {
 public:
  // Throws std::runtime_error where the frame does not lie in device memory.
  explicit MappedDevicePicture(FramePtr frame);
  ~MappedDevicePicture();
  MappedDevicePicture(const MappedDevicePicture&) = delete;
  MappedDevicePicture& operator=(const MappedDevicePicture&) = delete;
  // Valid while this lives.
  const Picture& picture() const { return picture_; }

 private:
  FramePtr frame_;
  Picture picture_;
  struct Mapping;
  std::unique_ptr<Mapping> mapping_;
};

}  // namespace diptych::cuda
