#include "core/colour.hpp"

#include <cmath>

namespace diptych {

namespace {

// Shares of red and blue in luma.
struct Shares {
  double red;
  double blue;
  double green() const { return 1 - red - blue; }
};

// ITU-R BT.709-6, items 3.2 and 3.4.
constexpr Shares kBt709{0.2126, 0.0722};
constexpr double kLumaSpan = 219.0 / 255.0;
constexpr double kChromaSpan = 224.0 / 255.0;
constexpr int kBlack = 16;

bool is_full(const GstVideoColorimetry& colorimetry) {
  return colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
}

// R′ = luma·(Y − black) + red_v·(V − 128) and so on, all of 0 … 255.
struct Coefficients {
  double luma;
  double red_v;
  double green_u;
  double green_v;
  double blue_u;
};

Coefficients coefficients(const GstVideoColorimetry& colorimetry) {
  Shares shares = kBt709;
  if (!gst_video_color_matrix_get_Kr_Kb(colorimetry.matrix, &shares.red, &shares.blue)) shares = kBt709;
  const double luma_gain = is_full(colorimetry) ? 1 : 1 / kLumaSpan;
  const double chroma_gain = is_full(colorimetry) ? 1 : 1 / kChromaSpan;
  const double red_v = 2 * (1 - shares.red) * chroma_gain;
  const double blue_u = 2 * (1 - shares.blue) * chroma_gain;
  return {luma_gain, red_v, -blue_u * shares.blue / shares.green(), -red_v * shares.red / shares.green(), blue_u};
}

int fixed(double value, int bits) { return static_cast<int>(std::lround(std::ldexp(value, bits))); }

}  // namespace

ColourMatrix colour_matrix(const GstVideoColorimetry& colorimetry) {
  const Coefficients from = coefficients(colorimetry);
  return {is_full(colorimetry) ? 0 : kBlack, fixed(from.luma, 13),    fixed(from.red_v, 13),
          fixed(from.green_u, 13),           fixed(from.green_v, 13), fixed(from.blue_u, 13)};
}

std::optional<ColourChange> colour_change(const GstVideoColorimetry& colorimetry) {
  const bool known = colorimetry.matrix != GST_VIDEO_COLOR_MATRIX_UNKNOWN &&
                     colorimetry.matrix != GST_VIDEO_COLOR_MATRIX_BT709;
  if (!known && !is_full(colorimetry)) return std::nullopt;

  const Coefficients from = coefficients(colorimetry);
  // Luma of BT.709 that one step of U or V makes, 0 … 255.
  const double light_u = kBt709.green() * from.green_u + kBt709.blue * from.blue_u;
  const double light_v = kBt709.red * from.red_v + kBt709.green() * from.green_v;
  const double u_gain = kChromaSpan / (2 * (1 - kBt709.blue));
  const double v_gain = kChromaSpan / (2 * (1 - kBt709.red));
  return ColourChange{
      is_full(colorimetry) ? 0 : kBlack,
      fixed(from.luma * kLumaSpan, 14),
      fixed(light_u * kLumaSpan, 14),
      fixed(light_v * kLumaSpan, 14),
      fixed((from.blue_u - light_u) * u_gain, 14),
      fixed(-light_v * u_gain, 14),
      fixed(-light_u * v_gain, 14),
      fixed((from.red_v - light_v) * v_gain, 14),
  };
}

}  // namespace diptych
