#pragma once

#include <cstdint>
#include <vector>

#include "core/frame_store.hpp"

namespace diptych {

// The frame as a JFIF picture (full-range colours, whatever the frame's range), quality
// 1 … 100. Takes milliseconds; any thread. Throws std::runtime_error.
std::vector<uint8_t> encode_jpeg(const FramePtr& frame, int quality);

}  // namespace diptych
