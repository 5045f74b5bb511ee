#include "core/sketch.hpp"

#include <algorithm>

namespace diptych {

namespace {

// One of so many rows of a square counts for its mean: noise is small enough, and half of the memory is read.
constexpr unsigned kRowStep = 2;
// The sum of so many pixels fits into 16 bits.
constexpr unsigned kMostRows = 256;

// The brightness of a picture, eight bits of each pixel.
struct Luma {
  explicit Luma(const GstVideoFrame& picture)
      : width(static_cast<unsigned>(GST_VIDEO_FRAME_WIDTH(&picture))),
        height(static_cast<unsigned>(GST_VIDEO_FRAME_HEIGHT(&picture))),
        bytes(GST_VIDEO_FRAME_FORMAT(&picture) == GST_VIDEO_FORMAT_P010_10LE ? 2 : 1),
        // The upper byte of a pixel comes last in little endian.
        plane(static_cast<const uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&picture, 0)) + bytes - 1),
        stride(static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&picture, 0))) {}

  const uint8_t* row(unsigned y) const { return plane + y * stride; }

  unsigned width;
  unsigned height;
  // Of a pixel.
  size_t bytes;
  const uint8_t* plane;
  size_t stride;
};

void add_row(const Luma& luma, unsigned y, std::vector<uint16_t>& sums) {
  const uint8_t* row = luma.row(y);
  if (luma.bytes == 1) {
    for (unsigned x = 0; x < luma.width; ++x) sums[x] = static_cast<uint16_t>(sums[x] + row[x]);
  } else {
    for (unsigned x = 0; x < luma.width; ++x) sums[x] = static_cast<uint16_t>(sums[x] + row[x * 2]);
  }
}

}  // namespace

std::vector<uint8_t> luma_sketch(const GstVideoFrame& picture, unsigned step) {
  const Luma luma(picture);
  std::vector<uint8_t> sketch;
  sketch.reserve((luma.width / step + 1) * (luma.height / step + 1));
  for (unsigned y = 0; y < luma.height; y += step) {
    const uint8_t* row = luma.row(y);
    for (unsigned x = 0; x < luma.width; x += step) sketch.push_back(row[x * luma.bytes]);
  }
  return sketch;
}

std::vector<uint8_t> luma_means(const GstVideoFrame& picture, unsigned step) {
  const Luma luma(picture);
  std::vector<uint8_t> means;
  means.reserve((luma.width / step + 1) * (luma.height / step + 1));
  std::vector<uint16_t> sums(luma.width);
  const unsigned row_step = std::max(kRowStep, step / kMostRows + 1);
  for (unsigned top = 0; top < luma.height; top += step) {
    std::fill(sums.begin(), sums.end(), 0);
    const unsigned bottom = std::min(luma.height, top + step);
    for (unsigned y = top; y < bottom; y += row_step) add_row(luma, y, sums);
    const unsigned rows = (bottom - top + row_step - 1) / row_step;
    for (unsigned left = 0; left < luma.width; left += step) {
      const unsigned right = std::min(luma.width, left + step);
      const uint32_t count = rows * (right - left);
      uint32_t sum = count / 2;
      for (unsigned x = left; x < right; ++x) sum += sums[x];
      means.push_back(static_cast<uint8_t>(sum / count));
    }
  }
  return means;
}

}  // namespace diptych
