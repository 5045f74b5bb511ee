#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace diptych {

// How pictures are meant to be shown: mirrored left to right, then turned clockwise.
struct DisplayOrientation {
  bool is_mirrored = false;
  // 0, 90, 180 or 270.
  int degrees = 0;
};

enum class NalCodec { h264, h265 };

// What a compressed picture with start codes says of it, by the SEI message "display orientation" (H.264 D.2.26, H.265
// D.3.17); other angles become the nearest quarter turn. A picture that begins a sequence without the message is
// upright. Nothing where it says nothing: what held before holds on.
std::optional<DisplayOrientation> display_orientation(const uint8_t* data, size_t size, NalCodec codec);

}  // namespace diptych
