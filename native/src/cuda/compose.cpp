#include "cuda/compose.hpp"

#include <algorithm>
#include <optional>

#include "core/colour.hpp"
#include "cuda/kernel_params.hpp"
#include "kernels/compose_params.h"

namespace diptych::cuda {

namespace {

constexpr unsigned kThreadsX = 32;
constexpr unsigned kThreadsY = 4;

unsigned blocks(int count, unsigned threads) { return (static_cast<unsigned>(count) + threads - 1) / threads; }

SamplesParams samples_params(const Plane& plane) {
  return {reinterpret_cast<uint64_t>(plane.data), plane.stride, plane.step};
}

RegionParams region_params(const PaintRegion& region) {
  const Rectangle& dest = region.dest;
  RegionParams params{};
  params.left = dest.x;
  params.top = dest.y;
  params.right = dest.x + dest.width;
  params.bottom = dest.y + dest.height;
  params.alpha = region.alpha;
  if (region.picture == nullptr) {
    params.kind = region.only_corners ? kCorners : kFill;
    std::copy_n(region.colour, 3, params.numbers);
    std::copy_n(region.radii, 4, params.numbers + 3);
    return params;
  }
  const Picture& picture = *region.picture;
  const Crop& crop = region.crop;
  params.kind = kPicture;
  params.y = samples_params(picture.y);
  params.u = samples_params(picture.u);
  params.v = samples_params(picture.v);
  params.luma_x = axis_params(luma_axis(crop.x, crop.width, dest.width, picture.y.width));
  params.luma_y = axis_params(luma_axis(crop.y, crop.height, dest.height, picture.y.height));
  params.chroma_x =
      axis_params(chroma_axis(crop.x, crop.width, dest.width, picture.u.width, Direction::kHorizontal));
  params.chroma_y =
      axis_params(chroma_axis(crop.y, crop.height, dest.height, picture.u.height, Direction::kVertical));
  if (const std::optional<ColourChange> change = colour_change(picture.colorimetry)) {
    params.kind = kRecolouredPicture;
    const int numbers[] = {change->black,  change->luma, change->luma_u, change->luma_v,
                           change->u_u,    change->u_v,  change->v_u,    change->v_v};
    std::copy(std::begin(numbers), std::end(numbers), params.numbers);
  }
  return params;
}

bool is_seen(const PaintRegion& region, const Picture& output) {
  const Rectangle seen = intersect(region.dest, {0, 0, output.width, output.height});
  return region.alpha > 0 && seen.width > 0 && seen.height > 0;
}

}  // namespace

DevicePainter::DevicePainter(const Device& device) : compose_(device.kernel("compose")) {}

void DevicePainter::paint(Stream& stream, const std::vector<PaintRegion>& regions, const Picture& output) const {
  const Grid grid{blocks(output.width / 2, kThreadsX), blocks(output.height / 2, kThreadsY), 1, kThreadsX, kThreadsY};
  ComposeParams params{};
  params.y = samples_params(output.y);
  params.u = samples_params(output.u);
  params.v = samples_params(output.v);
  params.width = output.width;
  params.height = output.height;
  params.is_first = 1;
  const auto launch = [&] {
    stream.launch(compose_, grid, params);
    params.is_first = 0;
    params.region_count = 0;
  };
  for (const PaintRegion& region : regions) {
    if (!is_seen(region, output)) continue;
    if (params.region_count == kMostRegions) launch();
    params.regions[params.region_count++] = region_params(region);
  }
  if (params.region_count > 0 || params.is_first == 1) launch();
}

}  // namespace diptych::cuda
