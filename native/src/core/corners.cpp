#include "core/corners.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace diptych {

namespace {

// One corner of a region.
struct Corner {
  // Samples that the arc goes through; even, within the region.
  Rectangle square;
  // Whether it is at the right, and at the lower edge.
  bool is_right;
  bool is_lower;
  int radius;
};

int up_to_even(int value) { return (value + 1) / 2 * 2; }

Corner corner_of(const PaintRegion& region, int index) {
  const Rectangle& dest = region.dest;
  const bool is_right = index % 2 == 1;
  const bool is_lower = index / 2 == 1;
  const int radius = region.radii[index];
  const int size = up_to_even(radius);
  const int x = is_right ? dest.x + dest.width - size : dest.x;
  const int y = is_lower ? dest.y + dest.height - size : dest.y;
  return {intersect({x, y, size, size}, dest), is_right, is_lower, radius};
}

// 0 … 256 of the sample lie outside of the arc.
int cover(const Corner& corner, const Rectangle& dest, int x, int y) {
  const int across = corner.is_right ? dest.x + dest.width - 1 - x : x - dest.x;
  const int down = corner.is_lower ? dest.y + dest.height - 1 - y : y - dest.y;
  const int64_t a = int64_t{2} * (corner.radius - across) - 1;
  const int64_t b = int64_t{2} * (corner.radius - down) - 1;
  if (a <= 0 || b <= 0) return 0;
  // Exact: squares of this size are whole in a double, and roots are rounded correctly (IEEE 754).
  const int distance = static_cast<int>(std::floor(std::sqrt(static_cast<double>((a * a + b * b) * 256))));
  return 8 * std::clamp(distance - 32 * corner.radius + 16, 0, 32);
}

void blend(uint8_t& below, int above, int alpha) {
  below = static_cast<uint8_t>((below * (256 - alpha) + above * alpha + 128) >> 8);
}

// 2×2 samples and their chroma.
void paint_quad(const PaintRegion& region, const Corner& corner, int x, int y, const Canvas& canvas) {
  int sum = 2;
  for (int row = y; row < y + 2; ++row) {
    for (int column = x; column < x + 2; ++column) {
      const int share = cover(corner, region.dest, column, row);
      sum += share;
      const auto& luma = canvas.planes[0];
      blend(luma.data[ptrdiff_t(row) * luma.stride + column], region.colour[0], (share * region.alpha + 128) >> 8);
    }
  }
  const int alpha = ((sum >> 2) * region.alpha + 128) >> 8;
  for (int p = 1; p < 3; ++p) {
    const auto& chroma = canvas.planes[p];
    blend(chroma.data[ptrdiff_t(y / 2) * chroma.stride + x / 2], region.colour[p], alpha);
  }
}

}  // namespace

void paint_corners(const PaintRegion& region, const Rectangle& part, const Canvas& canvas) {
  for (int index = 0; index < 4; ++index) {
    const Corner corner = corner_of(region, index);
    const Rectangle area = intersect(corner.square, part);
    for (int y = area.y; y < area.y + area.height; y += 2) {
      for (int x = area.x; x < area.x + area.width; x += 2) paint_quad(region, corner, x, y, canvas);
    }
  }
}

}  // namespace diptych
