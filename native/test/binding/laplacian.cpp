#include "laplacian.hpp"

#include <algorithm>
#include <cstdint>

namespace diptych::test {

namespace {

// So many squares of a Laplacian (at most 1020²) fit 32 bits.
constexpr int kBlock = 2048;

struct Sums {
  int64_t sum = 0;
  uint64_t squares = 0;
};

// Of the pixels inside the edges; `kStep` is the plane's.
template <int kStep>
Sums sum_laplacian(const Plane& luma, int left, int top, int right, int bottom) {
  Sums sums;
  for (int y = top + 1; y < bottom - 1; ++y) {
    const uint8_t* row = luma.data + ptrdiff_t(y) * luma.stride;
    const uint8_t* above = row - luma.stride;
    const uint8_t* below = row + luma.stride;
    for (int begin = left + 1; begin < right - 1; begin += kBlock) {
      const int end = std::min(begin + kBlock, right - 1);
      int32_t block_sum = 0;
      uint32_t block_squares = 0;
      for (int x = begin; x < end; ++x) {
        const int at = x * kStep;
        const int32_t value = 4 * row[at] - row[at - kStep] - row[at + kStep] - above[at] - below[at];
        block_sum += value;
        block_squares += static_cast<uint32_t>(value * value);
      }
      sums.sum += block_sum;
      sums.squares += block_squares;
    }
  }
  return sums;
}

}  // namespace

double laplacian_variance(const Plane& luma, int left, int top, int right, int bottom) {
  left = std::max(left, 0);
  top = std::max(top, 0);
  right = std::min(right, luma.width);
  bottom = std::min(bottom, luma.height);
  if (right - left < 3 || bottom - top < 3) return 0;

  const auto [sum, squares] = luma.step == 1 ? sum_laplacian<1>(luma, left, top, right, bottom)
                                             : sum_laplacian<2>(luma, left, top, right, bottom);
  // Whole numbers up to the last step, so that the result doesn't depend on how a CPU rounds.
  const int64_t count = int64_t{right - left - 2} * (bottom - top - 2);
  const __int128 scaled_variance = static_cast<__int128>(squares) * count - static_cast<__int128>(sum) * sum;
  return static_cast<double>(scaled_variance) / static_cast<double>(count) / static_cast<double>(count);
}

}  // namespace diptych::test
