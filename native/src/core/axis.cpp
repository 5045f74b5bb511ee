#include "core/axis.hpp"

#include <algorithm>

namespace diptych {

namespace {

constexpr int64_t kHalf = 65536 / 2;
constexpr int64_t kQuarter = 65536 / 4;

int64_t floor_div(int64_t dividend, int64_t divisor) {
  const int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

int64_t siting(Direction direction) {
  return direction == Direction::kHorizontal ? kQuarter : kHalf;
}

}  // namespace

int64_t Axis::position(int64_t i) const { return floor_div(a + b * i, d) - c; }

int64_t Axis::area_start(int64_t i) const {
  return floor_div(2 * a - b + 2 * b * i, 2 * d) - c + kHalf;
}

Axis luma_axis(int64_t start, int64_t length, int count, int size) {
  return {2 * count * start + length, 2 * length, 2 * int64_t{count}, kHalf, size};
}

Axis chroma_axis(int64_t start, int64_t length, int count, int size, Direction direction) {
  const int64_t offset = direction == Direction::kHorizontal ? length : 2 * length;
  return {2 * count * start + offset, 4 * length, 4 * int64_t{count}, siting(direction), size};
}

Axis full_chroma_axis(int64_t start, int64_t length, int count, int size, Direction direction) {
  return {2 * count * start + length, 2 * length, 4 * int64_t{count}, siting(direction), size};
}

LinearTap linear_tap(int64_t position, int bits) {
  const int64_t rounded = (position + (int64_t{1} << (15 - bits))) >> (16 - bits);
  return {static_cast<int>(rounded >> bits), static_cast<int>(rounded & ((1 << bits) - 1))};
}

PositionWalker::PositionWalker(const Axis& axis, int first)
    : position_(axis.position(first)),
      remainder_(axis.a + axis.b * first - (position_ + axis.c) * axis.d),
      whole_step_(axis.b / axis.d),
      remainder_step_(axis.b % axis.d),
      divisor_(axis.d) {}

int64_t PositionWalker::next() {
  const int64_t current = position_;
  position_ += whole_step_;
  remainder_ += remainder_step_;
  if (remainder_ >= divisor_) {
    remainder_ -= divisor_;
    ++position_;
  }
  return current;
}

void find_taps(const Axis& axis, int i, int bits, Taps& taps) {
  const auto inside = [&axis](int64_t k) {
    return static_cast<int>(std::clamp<int64_t>(k, 0, axis.size - 1));
  };
  taps.weights.clear();
  if (!axis.needs_area()) {
    const LinearTap tap = linear_tap(axis.position(i), bits);
    const int right = inside(int64_t{tap.left} + 1);
    taps.first = inside(tap.left);
    taps.weights.assign(right - taps.first + 1, 0);
    taps.weights.front() += (1 << bits) - tap.right_weight;
    taps.weights.back() += tap.right_weight;
    return;
  }
  const int64_t start = axis.area_start(i);
  const int64_t end = axis.area_start(i + 1);
  const int64_t length = end - start;
  const int64_t last = (end - 1) >> 16;
  taps.first = inside(start >> 16);
  taps.weights.assign(inside(last) - taps.first + 1, 0);
  int64_t before = 0;
  for (int64_t k = start >> 16; k <= last; ++k) {
    const int64_t reached = std::min((k + 1) * 65536, end) - start;
    const int64_t until = ((reached << bits) + length / 2) / length;
    taps.weights[inside(k) - taps.first] += static_cast<int>(until - before);
    before = until;
  }
}

}  // namespace diptych
