#include "cuda/convolution.hpp"

namespace diptych::cuda {

namespace {

// Measured on an H200 over the convolutions of a YOLOv8n, 1 to 16 pictures at a time: with fewer blocks of 32 filters,
// more but smaller ones are faster, and with as many of 64, larger ones. Together they take 1 % more time than the
// fastest of each would.
constexpr unsigned kFewBlocks = 400;
constexpr unsigned kManyBlocks = 250;
// The same over those of BlazeFace that are computed number by number.
constexpr unsigned kFewDirectBlocks = 256;
// With fewer channels, warps have nothing to share out.
constexpr int kManyChannels = 128;

unsigned parts(int count, int size) { return (static_cast<unsigned>(count) + size - 1) / size; }

int pixels_of(const ConvParams& params) { return params.pictures * params.out_height * params.out_width; }

bool is_square(const ConvParams& params, int side, int stride) {
  return params.kernel_height == side && params.kernel_width == side && params.stride_y == stride &&
         params.stride_x == stride;
}

// Its pixels are those of the input.
bool is_point(const ConvParams& params) {
  return is_square(params, 1, 1) && params.pad_top == 0 && params.pad_left == 0 &&
         params.out_height == params.height && params.out_width == params.width;
}

// All rows in one.
ConvParams in_one_row(ConvParams params) {
  params.width *= params.height;
  params.height = 1;
  params.out_width = params.width;
  params.out_height = 1;
  return params;
}

unsigned tiles_of(const ConvParams& params, int width) {
  return parts(params.out_width, width) * parts(params.out_height, kTilePixels / width);
}

}  // namespace

ConvolutionKernels::Tiles ConvolutionKernels::tiles(const Device& device, const std::string& window) {
  const std::string name = "dense_conv_" + window;
  return {device.kernel(name + "_16_parts"), device.kernel(name + "_16"), device.kernel(name + "_32"),
          device.kernel(name + "_64")};
}

ConvolutionKernels::ConvolutionKernels(const Device& device)
    : point_(tiles(device, "1")),
      three_(tiles(device, "3")),
      half_three_(tiles(device, "3_half")),
      any_(device.kernel("dense_conv_any_32")),
      arrange_(device.kernel("arrange_weights")),
      arrange_direct_{device.kernel("arrange_direct_32"), device.kernel("arrange_direct_16")},
      group_{device.kernel("group_conv_32"), device.kernel("group_conv_16")},
      depthwise_{device.kernel("depthwise_conv_32"), device.kernel("depthwise_conv_16")},
      half_depthwise_{device.kernel("depthwise_conv_half_32"), device.kernel("depthwise_conv_half_16")},
      direct_{device.kernel("direct_conv_32"), device.kernel("direct_conv_16")},
      few_direct_{device.kernel("few_direct_conv_32"), device.kernel("few_direct_conv_16")} {}

void ConvolutionKernels::direct(Stream& stream, const ConvParams& params, bool is_half) const {
  if (pixels_of(params) == 0) return;
  const bool is_depthwise = params.group == params.channels && params.group == params.filters;
  if (params.group == 1) {
    const unsigned blocks = parts(pixels_of(params), kConvThreads);
    const bool has_few = blocks * parts(params.filters, kDirectFilters) < kFewDirectBlocks;
    const unsigned runs = parts(params.filters, has_few ? kFewDirectFilters : kDirectFilters);
    stream.launch(has_few ? few_direct_[is_half] : direct_[is_half], {blocks, runs, 1, kConvThreads, 1}, params);
  } else if (is_depthwise && (is_square(params, 3, 1) || is_square(params, 3, 2))) {
    const unsigned runs = parts(params.out_width, kDepthwiseRun) * static_cast<unsigned>(params.out_height);
    const Grid grid{parts(static_cast<int>(runs), kConvThreads), static_cast<unsigned>(params.channels),
                    static_cast<unsigned>(params.pictures), kConvThreads, 1};
    stream.launch(is_square(params, 3, 1) ? depthwise_[is_half] : half_depthwise_[is_half], grid, params);
  } else {
    const Grid grid{parts(pixels_of(params), kConvThreads), static_cast<unsigned>(params.filters), 1, kConvThreads, 1};
    stream.launch(group_[is_half], grid, params);
  }
}

bool ConvolutionKernels::is_dense(const ConvParams& params) {
  constexpr int kSteps = kAnyTileSide - 1;
  return params.group == 1 && (kSteps * params.stride_y + params.kernel_height) *
                                      (kSteps * params.stride_x + params.kernel_width) <=
                                  kMostPatch;
}

const Kernel& ConvolutionKernels::best(const Tiles& tiles, const ConvParams& params, unsigned tile_count,
                                       unsigned* filters) {
  const bool is_point = params.kernel_height == 1;
  const bool has_channels = !is_point || params.channels >= kManyChannels;
  const bool has_few = tile_count * parts(params.filters, 32) < kFewBlocks;
  *filters = 16;
  if (has_few && has_channels) return tiles.parts;
  if (has_few || params.filters <= 16) return tiles.of_16;
  *filters = 64;
  const bool has_many = params.filters > 32 && tile_count * parts(params.filters, 64) >= kManyBlocks;
  if (has_many && has_channels) return tiles.of_64;
  *filters = 32;
  return tiles.of_32;
}

void ConvolutionKernels::dense(Stream& stream, const ConvParams& params) const {
  if (pixels_of(params) == 0) return;
  const auto launch = [&](const Kernel& kernel, const ConvParams& with, unsigned tile_count, unsigned filters) {
    const Grid grid{tile_count, parts(params.filters, static_cast<int>(filters)),
                    static_cast<unsigned>(params.pictures), kConvThreads, 1};
    stream.launch(kernel, grid, with);
  };
  const auto launch_best = [&](const Tiles& tiles, const ConvParams& with, int width) {
    unsigned filters = 0;
    const unsigned pictures = static_cast<unsigned>(params.pictures);
    const Kernel& kernel = best(tiles, with, pictures * tiles_of(with, width), &filters);
    const int own_width = &kernel == &tiles.parts && width == kWideTile ? kAnyTileSide : width;
    launch(kernel, with, tiles_of(with, own_width), filters);
  };
  if (is_point(params)) {
    launch_best(point_, in_one_row(params), kTilePixels);
  } else if (is_square(params, 3, 1)) {
    launch_best(three_, params, kWideTile);
  } else if (is_square(params, 3, 2)) {
    launch_best(half_three_, params, kWideTile);
  } else {
    launch(any_, params, tiles_of(params, kAnyTileSide), 32);
  }
}

namespace {

ArrangeParams arrange_params(const ConvParams& params) {
  ArrangeParams arrange{};
  arrange.from = params.weights;
  arrange.filters = params.filters;
  arrange.window = params.kernel_height * params.kernel_width;
  arrange.channels = params.channels;
  return arrange;
}

}  // namespace

Buffer ConvolutionKernels::arranged_directly(const std::shared_ptr<Device>& device, Stream& stream,
                                             const ConvParams& params, bool is_half) const {
  if (params.group > 1) return {};
  ArrangeParams arrange = arrange_params(params);
  const int filters = static_cast<int>(parts(params.filters, kDirectFilters)) * kDirectFilters;
  const int weights = arrange.window * params.channels;
  Buffer buffer(device, sizeof(float) * static_cast<size_t>(filters) * static_cast<size_t>(weights));
  arrange.to = buffer.address();
  stream.launch(arrange_direct_[is_half],
                {parts(filters, kConvThreads), static_cast<unsigned>(weights), 1, kConvThreads, 1}, arrange);
  return buffer;
}

Buffer ConvolutionKernels::arranged(const std::shared_ptr<Device>& device, Stream& stream,
                                    const ConvParams& params) const {
  ArrangeParams arrange = arrange_params(params);
  const unsigned groups = parts(params.filters, 16);
  const unsigned slices = static_cast<unsigned>(arrange.window) * parts(params.channels, kConvSlice);
  Buffer buffer(device, size_t{groups} * slices * 16 * kConvSlice * sizeof(uint16_t));
  arrange.to = buffer.address();
  stream.launch(arrange_, {parts(static_cast<int>(slices * 32), kConvThreads), groups, 1, kConvThreads, 1}, arrange);
  return buffer;
}

}  // namespace diptych::cuda
