#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/picture.hpp"
#include "core/rows.hpp"
#include "core/scale.hpp"

namespace diptych {

// Luma pixels; all even, so that chroma is never shared.
struct Rectangle {
  int x;
  int y;
  int width;
  int height;
};

// Part of a picture in 1/65536 luma pixels.
struct Crop {
  int64_t x;
  int64_t y;
  int64_t width;
  int64_t height;
};

// One rectangle to paint.
struct PaintRegion {
  // Null where the region is of one colour.
  const Picture* picture;
  // The part of the picture, and where it goes.
  Crop crop;
  Rectangle dest;
  // 0 … 256 (opaque).
  int alpha;
  // Y, U, V of BT.709, limited range, where there is no picture.
  uint8_t colour[3];
  // Of a colour: paints only what lies outside of the arcs that round the corners of `dest`.
  bool only_corners;
  // Of these arcs, pixels, ≥ 0, at most half of the shorter side, down to even: upper left, upper right, lower left, lower right.
  int radii[4];
};

// An I420 picture being painted.
struct Canvas {
  // Pixels; even.
  int width;
  int height;
  // Y, U, V: writable; bytes from one row to the next.
  struct {
    uint8_t* data;
    int stride;
  } planes[3];
};

// Paints regions in order over black. Each output pixel that an opaque region covers is
// painted once; what is under it is neither painted nor cleared.
//
//   sample = region's sample as scaled by PlaneScaler, its axes from `crop` over `dest`,
//            then by ColourChange where the source is not BT.709, limited range;
//            or its colour
//   output = (below · (256 − alpha) + sample · alpha + 128) >> 8; black is Y 16, U 128, V 128
//   of corners, alpha is that of core/corners.hpp, sample by sample
//
// One thread at a time; keeps its memory.
class Painter {
 public:
  // `functions` must outlive the painter.
  explicit Painter(const RowFunctions& functions) : functions_(functions) {}
  // Paints the whole canvas. The pictures must stay as they are meanwhile.
  void paint(const std::vector<PaintRegion>& regions, const Canvas& canvas);

 private:
  void fill(const PaintRegion& region, const Rectangle& part, const Canvas& canvas);
  void paint_region(const PaintRegion& region, const Rectangle& part, const Canvas& canvas);
  void paint_recoloured(const PaintRegion& region, const Rectangle& part, const ColourChange& change,
                        const Canvas& canvas);
  void paint_plane(const Plane& plane, const Axis& x, const Axis& y, int alpha, uint8_t* out, int stride,
                   int first_x, int first_y, int width, int height, bool new_columns);

  const RowFunctions& functions_;
  ScaledColumns columns_;
  PlaneScaler scaler_;
  std::vector<uint8_t> blended_row_;
  std::vector<uint8_t> recoloured_;
  std::vector<int32_t> shifts_;
};

// What both have in common; of no width or height where there is nothing.
Rectangle intersect(const Rectangle& a, const Rectangle& b);

// The parts of `parts` that `hole` leaves, as rectangles.
std::vector<Rectangle> subtract(const std::vector<Rectangle>& parts, const Rectangle& hole);

}  // namespace diptych
