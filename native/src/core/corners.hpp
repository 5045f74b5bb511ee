#pragma once

#include "core/compose.hpp"

namespace diptych {

// Paints the corners of `region`, a colour, where `part` of the canvas lies. Of each sample so much is painted:
//
//   a, b    = from the sample's middle to the centre of the arc, across and down, in half pixels;
//             nothing is painted where one of them is not above 0
//   outside = floor(16 · √(a² + b²)) − 32 · radius + 16, clamped to 0 … 32: 1/32 of the sample
//   alpha   = (8 · outside · region.alpha + 128) >> 8
//
// The chroma of 2×2 samples has the mean of their 8 · outside: (sum + 2) >> 2.
void paint_corners(const PaintRegion& region, const Rectangle& part, const Canvas& canvas);

}  // namespace diptych
