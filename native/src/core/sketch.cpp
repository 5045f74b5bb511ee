#include "core/sketch.hpp"

namespace diptych {

std::vector<uint8_t> luma_sketch(const GstVideoFrame& picture, unsigned step) {
  const auto width = static_cast<unsigned>(GST_VIDEO_FRAME_WIDTH(&picture));
  const auto height = static_cast<unsigned>(GST_VIDEO_FRAME_HEIGHT(&picture));
  // The upper byte of a pixel comes last in little endian.
  const size_t bytes = GST_VIDEO_FRAME_FORMAT(&picture) == GST_VIDEO_FORMAT_P010_10LE ? 2 : 1;
  const auto* plane = static_cast<const uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&picture, 0));
  const auto stride = static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&picture, 0));
  std::vector<uint8_t> sketch;
  sketch.reserve((width / step + 1) * (height / step + 1));
  for (unsigned y = 0; y < height; y += step) {
    const uint8_t* row = plane + y * stride;
    for (unsigned x = 0; x < width; x += step) sketch.push_back(row[x * bytes + bytes - 1]);
  }
  return sketch;
}

}  // namespace diptych
