#pragma once

#include <gst/video/video.h>

#include "diptych/rows.hpp"

namespace diptych {

// Coefficients for a frame's colorimetry (BT.601, BT.709, BT.2020 …; limited or full range);
// what is not known is taken to be BT.709, limited.
ColourMatrix colour_matrix(const GstVideoColorimetry& colorimetry);

}  // namespace diptych
