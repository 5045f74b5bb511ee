#pragma once

#include "core/axis.hpp"
#include "core/picture.hpp"
#include "kernels/params.h"

// What kernels take, made of what the CPU's code takes.
namespace diptych::cuda {

// A plane on the GPU.
PlaneParams plane_params(const Plane& plane);
// See AxisParams for how positions are found from it.
AxisParams axis_params(const Axis& axis);

}  // namespace diptych::cuda
