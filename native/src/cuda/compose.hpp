#pragma once

#include <vector>

#include "core/compose.hpp"
#include "core/picture.hpp"
#include "cuda/device.hpp"

namespace diptych::cuda {

// The Painter of core/compose.hpp on the GPU, with the same numbers. Any thread, one at a time
// per stream.
class DevicePainter {
 public:
  // Throws std::out_of_range where the device has no such kernel.
  explicit DevicePainter(const Device& device);
  // Paints regions in order over black; returns at once. All pictures lie on the GPU and stay until
  // the stream has done it. `output`: I420 or NV12 of even size, luma even in address and stride.
  void paint(Stream& stream, const std::vector<PaintRegion>& regions, const Picture& output) const;

 private:
  Kernel compose_;
};

}  // namespace diptych::cuda
