#pragma once

#include <gst/video/video.h>

#include <optional>

#include "core/rows.hpp"

namespace diptych {

// What is not known of a colorimetry is taken to be BT.709, limited range. Primaries and
// transfer curves are taken as they are.

// Y′CbCr of that colorimetry (BT.601, BT.709, BT.2020 …; limited or full range) to R′G′B′.
ColourMatrix colour_matrix(const GstVideoColorimetry& colorimetry);

// Y′CbCr of that colorimetry to BT.709, limited range; none where that is what it is.
std::optional<ColourChange> colour_change(const GstVideoColorimetry& colorimetry);

}  // namespace diptych
