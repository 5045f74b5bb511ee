#include <algorithm>
#include <vector>

#include "core/colour.hpp"
#include "core/tensor.hpp"
#include "core/tensor_layout.hpp"

namespace diptych {

namespace {

// The pixels of the scaled crop whose centres lie in the picture.
Range inside(const Axis& luma, int count) {
  const int64_t end = int64_t{luma.size} << 16;
  const auto centre = [&luma](int i) { return luma.position(i) + 32768; };
  Range range{0, count};
  while (range.begin < count && centre(range.begin) < 0) ++range.begin;
  while (range.end > range.begin && centre(range.end - 1) >= end) --range.end;
  return range;
}

void fill_bar(const TensorSpec& spec, float* tensor, int x, int y, int count) {
  const float value = (spec.pad - spec.mean) * spec.scale;
  const TensorRow row = tensor_row(spec, tensor, x, y);
  for (float* colour : {row.red, row.green, row.blue}) {
    for (int i = 0; i < count; ++i) colour[i * row.step] = value;
  }
}

struct Scratch {
  ScaledColumns luma_columns;
  ScaledColumns chroma_columns;
  PlaneScaler scalers[3];
  std::vector<uint8_t> rows[3];
};

}  // namespace

LetterboxPlan plan_letterbox(const Picture& picture, const std::optional<Crop>& wanted,
                             const TensorSpec& spec) {
  const Crop crop = wanted.value_or(Crop{0, 0, int64_t{picture.width} << 16, int64_t{picture.height} << 16});
  const bool by_width = spec.width * crop.height <= spec.height * crop.width;
  const int64_t length = by_width ? crop.width : crop.height;
  const int count = by_width ? spec.width : spec.height;
  const auto scaled = [length, count](int64_t size, int most) {
    const int64_t rounded = (2 * size * count + length) / (2 * length);
    return static_cast<int>(std::clamp<int64_t>(rounded, 1, most));
  };
  const int width = scaled(crop.width, spec.width);
  const int height = scaled(crop.height, spec.height);
  const int left = (spec.width - width) / 2;
  const int top = (spec.height - height) / 2;

  const Axis luma_x = luma_axis(crop.x, length, count, picture.width);
  const Axis luma_y = luma_axis(crop.y, length, count, picture.height);
  return {
      left,
      top,
      luma_x,
      luma_y,
      full_chroma_axis(crop.x, length, count, picture.u.width, Direction::kHorizontal),
      full_chroma_axis(crop.y, length, count, picture.u.height, Direction::kVertical),
      inside(luma_x, width),
      inside(luma_y, height),
      {count * 65536.0 / static_cast<double>(length), left, top},
  };
}

TensorMapping letterbox(const Picture& picture, const std::optional<Crop>& crop, const TensorSpec& spec,
                        float* tensor) {
  const LetterboxPlan plan = plan_letterbox(picture, crop, spec);
  const auto& [left, top, luma_x, luma_y, chroma_x, chroma_y, columns, rows, mapping] = plan;
  const int painted = columns.end - columns.begin;

  static thread_local Scratch scratch;
  const RowFunctions& functions = row_functions();
  const ColourMatrix matrix = colour_matrix(picture.colorimetry);
  if (painted > 0) {
    scratch.luma_columns.prepare(functions, luma_x, luma_y, columns.begin, painted);
    scratch.chroma_columns.prepare(functions, chroma_x, chroma_y, columns.begin, painted);
    scratch.scalers[0].prepare(functions, picture.y, luma_y, scratch.luma_columns);
    scratch.scalers[1].prepare(functions, picture.u, chroma_y, scratch.chroma_columns);
    scratch.scalers[2].prepare(functions, picture.v, chroma_y, scratch.chroma_columns);
    for (std::vector<uint8_t>& row : scratch.rows) row.resize(painted);
  }
  for (int y = 0; y < spec.height; ++y) {
    const int row = y - top;
    if (painted == 0 || row < rows.begin || row >= rows.end) {
      fill_bar(spec, tensor, 0, y, spec.width);
      continue;
    }
    for (int p = 0; p < 3; ++p) scratch.scalers[p].row(row, scratch.rows[p].data());
    const int begin = left + columns.begin;
    const int end = left + columns.end;
    fill_bar(spec, tensor, 0, y, begin);
    functions.to_tensor(scratch.rows[0].data(), scratch.rows[1].data(), scratch.rows[2].data(), painted,
                        matrix, tensor_row(spec, tensor, begin, y));
    fill_bar(spec, tensor, end, y, spec.width - end);
  }
  return mapping;
}

}  // namespace diptych
