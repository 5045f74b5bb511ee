#pragma once

#include <memory>

#include "core/frame_store.hpp"
#include "cuda/device.hpp"

namespace diptych::cuda {

// The same picture on the GPU, NV12 or as it was; waits for the copy.
FramePtr upload(const std::shared_ptr<Device>& device, const FramePtr& frame, Purpose purpose);

}  // namespace diptych::cuda
