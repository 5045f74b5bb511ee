#include "diptych/colour.hpp"

#include <cmath>

namespace diptych {

namespace {

constexpr double kOne = 8192;
// ITU-R BT.709-6, items 3.2 and 3.4.
constexpr double kBt709Red = 0.2126;
constexpr double kBt709Blue = 0.0722;

int fixed(double value) { return static_cast<int>(std::lround(value * kOne)); }

}  // namespace

ColourMatrix colour_matrix(const GstVideoColorimetry& colorimetry) {
  double red = 0;
  double blue = 0;
  if (!gst_video_color_matrix_get_Kr_Kb(colorimetry.matrix, &red, &blue)) {
    red = kBt709Red;
    blue = kBt709Blue;
  }
  const double green = 1 - red - blue;
  const bool full = colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  const double luma_gain = full ? 1.0 : 255.0 / 219.0;
  const double chroma_gain = full ? 1.0 : 255.0 / 224.0;
  return {
      full ? 0 : 16,
      fixed(luma_gain),
      fixed(2 * (1 - red) * chroma_gain),
      fixed(-2 * (1 - blue) * blue / green * chroma_gain),
      fixed(-2 * (1 - red) * red / green * chroma_gain),
      fixed(2 * (1 - blue) * chroma_gain),
  };
}

}  // namespace diptych
