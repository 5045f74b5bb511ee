#pragma once

#include <gst/video/video.h>

#include <cstdint>
#include <vector>

namespace diptych {

// Brightness of every `step`-th pixel of every `step`-th row, row by row; of 10 bits the upper eight. Takes I420,
// NV12 and P010_10LE; step ≥ 1.
std::vector<uint8_t> luma_sketch(const GstVideoFrame& picture, unsigned step);

// Mean brightness of each square of `step` pixels, of every other row of it; squares at the right and lower edge are
// cut. Formats and bits as above.
std::vector<uint8_t> luma_means(const GstVideoFrame& picture, unsigned step);

}  // namespace diptych
