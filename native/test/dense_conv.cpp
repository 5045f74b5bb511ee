// Holds every kernel of kernels/dense_conv.cu, as it is on tensor cores, to sums that are computed one by one:
//
//   g++ -std=c++17 -pthread -I. -Ikernels test/dense_conv.cpp
//
// Exits with 1 where one is off by more than 16-bit floats are (test/integration/gpu/dense-conv.test.ts).
#include "test/emulated_cores.hpp"

#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

#include "kernels/dense_conv.cu"

namespace {

using diptych::cuda::ConvParams;
using diptych::cuda::SoftThread;

struct Case {
  const char* name;
  void (*kernel)(const SoftThread&, const void*);
  // Of its tile, pixels and filters.
  int width;
  int filters_of_tile;
  int pictures;
  // Of the output; the input has as many times the stride.
  int side;
  int channels;
  int filters;
  int window;
  int stride;
  int activation;
  int residual;
};

struct Numbers {
  std::vector<_Float16> input;
  // [filters][window][channels, padded].
  std::vector<_Float16> weights;
  std::vector<_Float16> arranged;
  std::vector<_Float16> residual;
  std::vector<_Float16> output;
  std::vector<float> bias;
  std::vector<float> slope;
};

int padded(int channels) { return (channels + 15) / 16 * 16; }

Numbers numbers_for(const Case& c) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> within(-1, 1);
  const auto numbers = [&](size_t count) {
    std::vector<_Float16> made(count);
    for (_Float16& number : made) number = static_cast<_Float16>(within(random));
    return made;
  };
  const size_t pixels = static_cast<size_t>(c.side) * c.side;
  const int window = c.window * c.window;
  Numbers made;
  made.input = numbers(c.pictures * c.channels * pixels * c.stride * c.stride);
  made.residual = numbers(c.pictures * c.filters * pixels);
  made.output.resize(made.residual.size());
  made.weights = numbers(static_cast<size_t>(c.filters) * window * padded(c.channels));
  for (size_t i = 0; i < made.weights.size(); ++i) {
    const bool is_used = static_cast<int>(i) % padded(c.channels) < c.channels;
    made.weights[i] = is_used ? made.weights[i] / 4 : static_cast<_Float16>(0);
  }
  made.arranged.resize(static_cast<size_t>((c.filters + 15) / 16) * 16 * window * padded(c.channels));
  for (int i = 0; i < c.filters; ++i) {
    made.bias.push_back(within(random));
    made.slope.push_back(within(random));
  }
  return made;
}

uint64_t address(const void* data) { return reinterpret_cast<uint64_t>(data); }

ConvParams params_of(const Case& c, Numbers& numbers) {
  ConvParams params{};
  params.input = address(numbers.input.data());
  params.weights = address(numbers.arranged.data());
  params.output = address(numbers.output.data());
  params.residual = address(numbers.residual.data());
  params.bias = address(numbers.bias.data());
  params.slope = address(numbers.slope.data());
  params.pictures = c.pictures;
  params.channels = c.channels;
  params.height = params.width = c.side * c.stride;
  params.filters = c.filters;
  params.out_height = params.out_width = c.side;
  params.kernel_height = params.kernel_width = c.window;
  params.stride_y = params.stride_x = c.stride;
  params.pad_top = params.pad_left = c.window / 2;
  params.group = 1;
  params.activation = c.activation;
  params.residual_place = c.residual;
  if (c.width == diptych::cuda::kTilePixels) {
    params.width = params.out_width = c.side * c.side;
    params.height = params.out_height = 1;
  }
  return params;
}

void arrange(const Case& c, Numbers& numbers) {
  diptych::cuda::ArrangeParams params{};
  params.from = address(numbers.weights.data());
  params.to = address(numbers.arranged.data());
  params.filters = c.filters;
  params.window = c.window * c.window;
  params.channels = c.channels;
  const int lanes = params.window * padded(c.channels) / 16 * 32;
  for (int y = 0; y < (c.filters + 15) / 16; ++y) {
    for (int x = 0; x < lanes; ++x) arrange_weights(SoftThread{x, y, 0}, &params);
  }
}

double sum_of(const Case& c, const Numbers& numbers, int picture, int filter, int row, int column) {
  const int input_side = c.side * c.stride;
  double sum = numbers.bias[filter];
  for (int channel = 0; channel < c.channels; ++channel) {
    for (int place = 0; place < c.window * c.window; ++place) {
      const int y = row * c.stride - c.window / 2 + place / c.window;
      const int x = column * c.stride - c.window / 2 + place % c.window;
      if (y < 0 || x < 0 || y >= input_side || x >= input_side) continue;
      const size_t sample = ((static_cast<size_t>(picture) * c.channels + channel) * input_side + y) * input_side + x;
      const size_t weight = (static_cast<size_t>(filter) * c.window * c.window + place) * padded(c.channels) + channel;
      sum += static_cast<double>(numbers.input[sample]) * static_cast<double>(numbers.weights[weight]);
    }
  }
  return sum;
}

double expected(const Case& c, const Numbers& numbers, size_t index) {
  const int column = static_cast<int>(index) % c.side;
  const int row = static_cast<int>(index) / c.side % c.side;
  const int filter = static_cast<int>(index) / (c.side * c.side) % c.filters;
  const int picture = static_cast<int>(index) / (c.side * c.side * c.filters);
  const double added = static_cast<double>(numbers.residual[index]);
  double value = sum_of(c, numbers, picture, filter, row, column);
  if (c.residual == diptych::cuda::kResidualBefore) value += added;
  if (c.activation == diptych::cuda::kRelu) value = std::fmax(value, 0);
  if (c.activation == diptych::cuda::kSilu) value /= 1 + std::exp(-value);
  if (c.activation == diptych::cuda::kSlope && value < 0) value *= static_cast<double>(numbers.slope[filter]);
  if (c.activation == diptych::cuda::kRelu6) value = std::fmin(std::fmax(value, 0), 6);
  return c.residual == diptych::cuda::kResidualAfter ? value + added : value;
}

// As a share of the number, or of 1 where that is more.
double worst_difference(const Case& c) {
  Numbers numbers = numbers_for(c);
  arrange(c, numbers);
  const ConvParams params = params_of(c, numbers);
  const auto parts = [](int count, int size) { return (count + size - 1) / size; };
  const int tiles = parts(params.out_width, c.width) * parts(params.out_height, diptych::cuda::kTilePixels / c.width);
  emulated::run({tiles, parts(c.filters, c.filters_of_tile), c.pictures},
                [&] { c.kernel(SoftThread{0, 0, 0}, &params); });
  double worst = 0;
  for (size_t i = 0; i < numbers.output.size(); ++i) {
    const double wanted = expected(c, numbers, i);
    const double off = std::fabs(static_cast<double>(numbers.output[i]) - wanted) / (1 + std::fabs(wanted));
    worst = off <= worst ? worst : off;
  }
  return worst;
}

// Sizes that no tile divides.
const Case kCases[] = {
    {"dense_conv_1_16_parts", dense_conv_1_16_parts, 64, 16, 1, 5, 80, 16, 1, 1, 2, 2},
    {"dense_conv_1_16", dense_conv_1_16, 64, 16, 2, 9, 40, 20, 1, 1, 1, 1},
    {"dense_conv_1_32", dense_conv_1_32, 64, 32, 1, 8, 48, 40, 1, 1, 3, 0},
    {"dense_conv_1_64", dense_conv_1_64, 64, 64, 1, 7, 24, 70, 1, 1, 4, 2},
    {"dense_conv_3_16_parts", dense_conv_3_16_parts, 8, 16, 1, 9, 72, 16, 3, 1, 2, 2},
    {"dense_conv_3_16", dense_conv_3_16, 16, 16, 1, 9, 16, 16, 3, 1, 2, 0},
    {"dense_conv_3_32", dense_conv_3_32, 16, 32, 1, 10, 20, 24, 3, 1, 1, 1},
    {"dense_conv_3_64", dense_conv_3_64, 16, 64, 2, 6, 16, 64, 3, 1, 2, 2},
    {"dense_conv_3_half_16_parts", dense_conv_3_half_16_parts, 8, 16, 1, 5, 40, 16, 3, 2, 2, 0},
    {"dense_conv_3_half_16", dense_conv_3_half_16, 16, 16, 1, 6, 3, 16, 3, 2, 2, 0},
    {"dense_conv_3_half_32", dense_conv_3_half_32, 16, 32, 1, 6, 16, 32, 3, 2, 2, 0},
    {"dense_conv_3_half_64", dense_conv_3_half_64, 16, 64, 1, 5, 16, 64, 3, 2, 2, 0},
    {"dense_conv_any_32", dense_conv_any_32, 8, 32, 1, 9, 5, 33, 5, 1, 2, 0},
};

// Between neighbours of about 1 a 16-bit float has 2⁻¹⁰.
constexpr double kMost = 1.0 / 1024;

}  // namespace

int main() {
  bool is_right = true;
  for (const Case& each : kCases) {
    const double worst = worst_difference(each);
    std::printf("%s %.2g\n", each.name, worst);
    is_right = is_right && worst < kMost;
  }
  return is_right ? 0 : 1;
}
