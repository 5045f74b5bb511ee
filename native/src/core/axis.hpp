#pragma once

#include <cstdint>
#include <vector>

namespace diptych {

// Where the samples of a scaled picture come from, along one axis. All of it is integer
// arithmetic, so that every CPU (and every kernel on another device) finds the same positions.
//
// A stretch of the source begins at `start` and is `length` long, in 1/65536 luma pixels
// ("Q16"), and is spread over `count` output luma pixels. Pixel k covers [k, k + 1); its
// sample lies in the middle. The source coordinate of output coordinate t is
// start + t · length / count, so for output sample i the sample index in the source is
//
//   P(i) = floor((a + b · i) / d) − c      in Q16, with
//
//                                             a                          b          d          c
//   luma, t = i + 1/2                         2·count·start + length     2·length   2·count    1/2
//   chroma, horizontally, t = 2i + 1/2        2·count·start + length     4·length   4·count    1/4
//   chroma, vertically, t = 2i + 1            2·count·start + 2·length   4·length   4·count    1/2
//   chroma for a luma sample, horizontally    2·count·start + length     2·length   4·count    1/4
//   chroma for a luma sample, vertically      2·count·start + length     2·length   4·count    1/2
//
// That is the chroma siting of MPEG-2 and of H.264/H.265 by default ("left"): horizontally
// with the even luma samples, vertically half-way. It is taken for sources and for output.
//
// Floor is towards −∞, also for shifts. Samples outside the source repeat its edge.
//
// A step of at most 2 (b / d ≤ 2) takes the two neighbours of P, weighted linearly. A longer
// step takes the mean over [S(i), S(i + 1)), the stretch around the same centre:
//
//   S(i) = floor((2a − b + 2b · i) / 2d) − c + 1/2
//
// Weights are whole numbers that sum to 2^bits:
//   linear  t = (P + 2^(15−bits)) >> (16 − bits): left = t >> bits, its right neighbour weighs t & (2^bits − 1);
//   area    sample k weighs C(min(k + 1, E)) − C(max(k, S)), with S = S(i), E = S(i + 1) and
//           C(x) = floor(((x − S) · 2^bits + floor((E − S) / 2)) / (E − S)).
struct Axis {
  // The numbers of the table above; `c` in 1/65536 of a sample.
  int64_t a = 0;
  int64_t b = 0;
  int64_t d = 1;
  int64_t c = 0;
  // Samples of the source plane along this axis.
  int size = 0;

  // Whether a step is longer than 2, so that the mean over it is taken.
  bool needs_area() const { return b > 2 * 65536 * d; }
  // P(i): where output sample `i` lies in the source, in 1/65536 of a sample.
  int64_t position(int64_t i) const;
  // S(i): where the stretch of output sample `i` begins, in the same unit.
  int64_t area_start(int64_t i) const;
};

// Along which axis chroma lies.
enum class Direction { kHorizontal, kVertical };

// `start`, `length`: of the source, 1/65536 luma pixels; `count`: output luma pixels; `size`: samples of the
// source plane.
Axis luma_axis(int64_t start, int64_t length, int count, int size);
// Chroma samples of the output, which has half as many of them.
Axis chroma_axis(int64_t start, int64_t length, int count, int size, Direction direction);
// Chroma of the source for each luma sample of the output.
Axis full_chroma_axis(int64_t start, int64_t length, int count, int size, Direction direction);

// Left neighbour (not yet clamped to the source) and the weight of the right one.
struct LinearTap {
  // Index in the source, and the weight of its right neighbour, 0 … 2^bits − 1.
  int left;
  int right_weight;
};
// `position` in 1/65536 of a sample; weights of `bits` bits.
LinearTap linear_tap(int64_t position, int bits);

// Steps through P(first), P(first + 1) … without a division each.
class PositionWalker {
 public:
  // Begins at output sample `first`.
  PositionWalker(const Axis& axis, int first);
  // P of the next output sample, in 1/65536 of a sample.
  int64_t next();

 private:
  int64_t position_;
  int64_t remainder_;
  int64_t whole_step_;
  int64_t remainder_step_;
  int64_t divisor_;
};

// Consecutive source samples, the first of them at `first`, and what each weighs.
struct Taps {
  // Index in the source, and weights that sum to 2^bits.
  int first = 0;
  std::vector<int> weights;
};
// Linear or area, as the axis needs; edges already repeated, so all samples are in the source.
void find_taps(const Axis& axis, int i, int bits, Taps& taps);

}  // namespace diptych
