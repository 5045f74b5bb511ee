#include "core/compose.hpp"

#include <libyuv/planar_functions.h>

#include <algorithm>
#include <optional>

#include "core/colour.hpp"
#include "core/corners.hpp"

namespace diptych {

namespace {

constexpr int kOpaque = 256;
constexpr uint8_t kBlack[3] = {16, 128, 128};
// Beyond this many pieces, painting over is cheaper than cutting out.
constexpr size_t kMostParts = 16;

bool is_empty(const Rectangle& r) { return r.width <= 0 || r.height <= 0; }

// What of `area` no opaque region from `next` on covers.
std::vector<Rectangle> visible_parts(const Rectangle& area, const std::vector<PaintRegion>& regions,
                                     size_t next) {
  std::vector<Rectangle> parts{area};
  for (size_t i = next; i < regions.size(); ++i) {
    if (regions[i].alpha < kOpaque || regions[i].only_corners) continue;
    std::vector<Rectangle> left = subtract(parts, regions[i].dest);
    if (left.size() <= kMostParts) parts = std::move(left);
  }
  return parts;
}

void set(const Rectangle& part, const uint8_t* colour, const Canvas& canvas) {
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    const auto& plane = canvas.planes[p];
    libyuv::SetPlane(plane.data + ptrdiff_t(part.y >> shift) * plane.stride + (part.x >> shift), plane.stride,
                     part.width >> shift, part.height >> shift, colour[p]);
  }
}

// Whether samples from `first` on are those of the source one by one; then `source` is the first.
bool is_copy(const Axis& axis, int first, int count, int bits, int& source) {
  if (axis.b != 65536 * axis.d) return false;
  const LinearTap tap = linear_tap(axis.position(first), bits);
  source = tap.left;
  return tap.right_weight == 0 && source >= 0 && source + count <= axis.size;
}

}  // namespace

Rectangle intersect(const Rectangle& a, const Rectangle& b) {
  const int left = std::max(a.x, b.x);
  const int top = std::max(a.y, b.y);
  const int right = std::min(a.x + a.width, b.x + b.width);
  const int bottom = std::min(a.y + a.height, b.y + b.height);
  return {left, top, std::max(0, right - left), std::max(0, bottom - top)};
}

std::vector<Rectangle> subtract(const std::vector<Rectangle>& parts, const Rectangle& hole) {
  std::vector<Rectangle> left;
  for (const Rectangle& part : parts) {
    const Rectangle cut = intersect(part, hole);
    if (is_empty(cut)) {
      left.push_back(part);
      continue;
    }
    const int cut_right = cut.x + cut.width;
    const int cut_bottom = cut.y + cut.height;
    const Rectangle around[] = {
        {part.x, part.y, part.width, cut.y - part.y},
        {part.x, cut_bottom, part.width, part.y + part.height - cut_bottom},
        {part.x, cut.y, cut.x - part.x, cut.height},
        {cut_right, cut.y, part.x + part.width - cut_right, cut.height},
    };
    for (const Rectangle& piece : around) {
      if (!is_empty(piece)) left.push_back(piece);
    }
  }
  return left;
}

void Painter::paint(const std::vector<PaintRegion>& regions, const Canvas& canvas) {
  const Rectangle everything{0, 0, canvas.width, canvas.height};
  for (const Rectangle& part : visible_parts(everything, regions, 0)) set(part, kBlack, canvas);
  for (size_t i = 0; i < regions.size(); ++i) {
    const Rectangle area = intersect(regions[i].dest, everything);
    if (is_empty(area) || regions[i].alpha == 0) continue;
    for (const Rectangle& part : visible_parts(area, regions, i + 1)) {
      if (regions[i].picture == nullptr) {
        fill(regions[i], part, canvas);
        continue;
      }
      const std::optional<ColourChange> change = colour_change(regions[i].picture->colorimetry);
      if (change.has_value()) {
        paint_recoloured(regions[i], part, *change, canvas);
      } else {
        paint_region(regions[i], part, canvas);
      }
    }
  }
}

void Painter::fill(const PaintRegion& region, const Rectangle& part, const Canvas& canvas) {
  if (region.only_corners) return paint_corners(region, part, canvas);
  if (region.alpha == kOpaque) return set(part, region.colour, canvas);
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    const auto& plane = canvas.planes[p];
    uint8_t* out = plane.data + ptrdiff_t(part.y >> shift) * plane.stride + (part.x >> shift);
    blended_row_.assign(part.width >> shift, region.colour[p]);
    for (int row = 0; row < part.height >> shift; ++row) {
      functions_.blend(out + ptrdiff_t(row) * plane.stride, blended_row_.data(), region.alpha, part.width >> shift);
    }
  }
}

void Painter::paint_region(const PaintRegion& region, const Rectangle& part, const Canvas& canvas) {
  const Picture& picture = *region.picture;
  const Crop& crop = region.crop;
  const int columns = region.dest.width;
  const int rows = region.dest.height;
  // Counted from the corner of `dest`, also where the output's edge or another region cuts it.
  const int first_x = part.x - region.dest.x;
  const int first_y = part.y - region.dest.y;

  const auto& luma = canvas.planes[0];
  paint_plane(picture.y, luma_axis(crop.x, crop.width, columns, picture.y.width),
              luma_axis(crop.y, crop.height, rows, picture.y.height), region.alpha,
              luma.data + ptrdiff_t(part.y) * luma.stride + part.x, luma.stride, first_x, first_y,
              part.width, part.height, true);

  const Axis x = chroma_axis(crop.x, crop.width, columns, picture.u.width, Direction::kHorizontal);
  const Axis y = chroma_axis(crop.y, crop.height, rows, picture.u.height, Direction::kVertical);
  for (int p = 1; p < 3; ++p) {
    const auto& chroma = canvas.planes[p];
    paint_plane(p == 1 ? picture.u : picture.v, x, y, region.alpha,
                chroma.data + ptrdiff_t(part.y / 2) * chroma.stride + part.x / 2, chroma.stride,
                first_x / 2, first_y / 2, part.width / 2, part.height / 2, p == 1);
  }
}

// Paints aside, so that neither blending nor what lies below sees the foreign colours.
void Painter::paint_recoloured(const PaintRegion& region, const Rectangle& part, const ColourChange& change,
                               const Canvas& canvas) {
  const int chroma_width = part.width / 2;
  const int chroma_height = part.height / 2;
  const size_t luma_size = size_t(part.width) * part.height;
  const size_t chroma_size = luma_size / 4;
  recoloured_.resize(luma_size + 2 * chroma_size);
  shifts_.resize(part.width);
  uint8_t* luma = recoloured_.data();
  uint8_t* u = luma + luma_size;
  uint8_t* v = u + chroma_size;
  const Canvas aside{part.width, part.height, {{luma, part.width}, {u, chroma_width}, {v, chroma_width}}};
  PaintRegion moved = region;
  moved.alpha = kOpaque;
  moved.dest.x -= part.x;
  moved.dest.y -= part.y;
  paint_region(moved, {0, 0, part.width, part.height}, aside);

  for (int row = 0; row < chroma_height; ++row) {
    uint8_t* upper = luma + size_t(2) * row * part.width;
    functions_.recolour(upper, upper + part.width, u + size_t(row) * chroma_width,
                        v + size_t(row) * chroma_width, chroma_width, change, shifts_.data());
  }
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    const auto& from = aside.planes[p];
    const auto& to = canvas.planes[p];
    uint8_t* out = to.data + ptrdiff_t(part.y >> shift) * to.stride + (part.x >> shift);
    if (region.alpha == kOpaque) {
      libyuv::CopyPlane(from.data, from.stride, out, to.stride, part.width >> shift, part.height >> shift);
      continue;
    }
    for (int row = 0; row < part.height >> shift; ++row) {
      functions_.blend(out + ptrdiff_t(row) * to.stride, from.data + ptrdiff_t(row) * from.stride, region.alpha,
                       part.width >> shift);
    }
  }
}

void Painter::paint_plane(const Plane& plane, const Axis& x, const Axis& y, int alpha, uint8_t* out,
                          int stride, int first_x, int first_y, int width, int height,
                          bool new_columns) {
  int source_x = 0;
  int source_y = 0;
  if (alpha == kOpaque && is_copy(x, first_x, width, 7, source_x) &&
      is_copy(y, first_y, height, 15, source_y)) {
    const uint8_t* source = plane.data + ptrdiff_t(source_y) * plane.stride + ptrdiff_t(source_x) * plane.step;
    if (plane.step == 1) {
      libyuv::CopyPlane(source, plane.stride, out, stride, width, height);
      return;
    }
    for (int row = 0; row < height; ++row) {
      unzip(functions_, source + ptrdiff_t(row) * plane.stride, plane.step, out + ptrdiff_t(row) * stride, width);
    }
    return;
  }
  if (new_columns) columns_.prepare(functions_, x, y, first_x, width);
  scaler_.prepare(functions_, plane, y, columns_);
  for (int row = 0; row < height; ++row, out += stride) {
    if (alpha == kOpaque) {
      scaler_.row(first_y + row, out);
      continue;
    }
    blended_row_.resize(width);
    scaler_.row(first_y + row, blended_row_.data());
    functions_.blend(out, blended_row_.data(), alpha, width);
  }
}

}  // namespace diptych
