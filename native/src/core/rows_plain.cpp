#include <cstdlib>
#include <cstring>

#include "core/row_loops.hpp"
#include "core/rows.hpp"

namespace diptych {

namespace {

void linear_columns(const uint8_t* source, const LinearColumns& columns, int16_t* samples) {
  for (int i = 0; i < columns.count; ++i) {
    const LinearColumns::Column& column = columns.columns[i];
    const int left = source[column.left] - loops::kBias;
    const int right = source[column.right] - loops::kBias;
    samples[i] = static_cast<int16_t>(left * 128 + (right - left) * column.right_weight);
  }
}

void mix_rows(const int16_t* upper, const int16_t* lower, int weight, uint8_t* out, int count) {
  loops::mix_rows(upper, lower, weight, out, 0, count);
}

void sum_rows(const uint8_t* const* rows, const uint8_t* weights, int row_count, int16_t* samples,
              int count) {
  loops::sum_rows(rows, weights, row_count, samples, 0, count);
}

void weighted_columns(const int16_t* samples, const WeightedColumns& columns, uint8_t* out) {
  for (int i = 0; i < columns.count; ++i) {
    const int16_t* from = samples + columns.starts[i];
    const int16_t* weights = columns.weights.data() + size_t(i) * columns.taps;
    int sum = 0;
    for (int tap = 0; tap < columns.taps; ++tap) sum += from[tap] * weights[tap];
    out[i] = static_cast<uint8_t>(((sum + (1 << 20)) >> 21) + loops::kBias);
  }
}

void blend(uint8_t* below, const uint8_t* above, int alpha, int count) {
  loops::blend(below, above, alpha, count);
}

void unzip(const uint8_t* source, uint8_t* out, int count) { loops::unzip(source, out, count); }

void recolour(uint8_t* upper, uint8_t* lower, uint8_t* u, uint8_t* v, int count,
              const ColourChange& change, int32_t* shifts) {
  loops::recolour(upper, lower, u, v, count, change, shifts);
}

void to_tensor(const uint8_t* y, const uint8_t* u, const uint8_t* v, int count,
               const ColourMatrix& matrix, const TensorRow& out) {
  if (out.step == 1) {
    loops::to_tensor<1>(y, u, v, count, matrix, out);
  } else {
    loops::to_tensor<3>(y, u, v, count, matrix, out);
  }
}

const RowFunctions& choose() {
  const char* wish = std::getenv("DIPTYCH_SIMD");
  if (wish != nullptr && std::strcmp(wish, "off") == 0) return plain_row_functions();
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return avx2_row_functions();
#endif
  return plain_row_functions();
}

}  // namespace

const RowFunctions& plain_row_functions() {
  static const RowFunctions functions{
      false, linear_columns, mix_rows, sum_rows, weighted_columns, blend, unzip, recolour, to_tensor};
  return functions;
}

const RowFunctions& row_functions() {
  static const RowFunctions& chosen = choose();
  return chosen;
}

}  // namespace diptych
