#include "cuda/kernel_params.hpp"

namespace diptych::cuda {

namespace {

constexpr int64_t kHalf = 65536 / 2;

}  // namespace

PlaneParams plane_params(const Plane& plane) {
  return {reinterpret_cast<uint64_t>(plane.data), plane.stride, plane.step, plane.width, plane.height};
}

AxisParams axis_params(const Axis& axis) {
  const bool is_area = axis.needs_area();
  // S(i) = floor((2a − b + 2b · i) / 2d) − c + 1/2, and every b is even.
  const int64_t first = is_area ? axis.a - axis.b / 2 : axis.a;
  const int64_t rest = (first % axis.d + axis.d) % axis.d;
  AxisParams params{};
  params.base = (first - rest) / axis.d - axis.c + (is_area ? kHalf : 0);
  params.whole = static_cast<uint32_t>(axis.b / axis.d);
  params.rest = static_cast<uint32_t>(rest);
  params.step_rest = static_cast<uint32_t>(axis.b % axis.d);
  params.divisor = static_cast<uint32_t>(axis.d);
  params.size = axis.size;
  params.is_area = is_area ? 1 : 0;
  return params;
}

}  // namespace diptych::cuda
