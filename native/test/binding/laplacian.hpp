#pragma once

#include "core/picture.hpp"

namespace diptych::test {

// Variance of the Laplacian 4p − left − right − up − down of the luma, over the pixels of
// [left, right) × [top, bottom), cut to the picture, whose four neighbours lie in it too;
// 0 where there are none. Sums are exact. Low means blurred.
// Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
double laplacian_variance(const Plane& luma, int left, int top, int right, int bottom);

}  // namespace diptych::test
