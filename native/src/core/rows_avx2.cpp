#if defined(__x86_64__)

#include <immintrin.h>

#include "core/row_loops.hpp"
#include "core/rows.hpp"

#define DIPTYCH_AVX2 __attribute__((target("avx2")))

namespace diptych {

namespace {

DIPTYCH_AVX2 inline __m256i load256(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

DIPTYCH_AVX2 inline __m128i load128(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

DIPTYCH_AVX2 inline __m128i load64(const void* from) {
  return _mm_loadl_epi64(static_cast<const __m128i*>(from));
}

DIPTYCH_AVX2 inline void store256(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

DIPTYCH_AVX2 void linear_columns(const uint8_t* source, const LinearColumns& columns, int16_t* samples) {
  if (columns.groups.empty()) return plain_row_functions().linear_columns(source, columns, samples);
  // Bytes are made signed, because the multiplication takes unsigned weights by signed values.
  const __m256i bias = _mm256_set1_epi8(static_cast<char>(0x80));
  for (const ColumnGroup& group : columns.groups) {
    const __m256i bytes = _mm256_inserti128_si256(
        _mm256_castsi128_si256(load128(source + group.offsets[0])), load128(source + group.offsets[1]), 1);
    const __m256i pairs = _mm256_shuffle_epi8(_mm256_xor_si256(bytes, bias), load256(group.shuffle));
    store256(samples, _mm256_maddubs_epi16(load256(group.weights), pairs));
    samples += 16;
  }
}

DIPTYCH_AVX2 inline __m256i mix16(const int16_t* upper, const int16_t* lower, __m256i weight) {
  const __m256i top = load256(upper);
  const __m256i difference = _mm256_sub_epi16(load256(lower), top);
  const __m256i mixed = _mm256_add_epi16(top, _mm256_mulhrs_epi16(difference, weight));
  return _mm256_srai_epi16(_mm256_add_epi16(mixed, _mm256_set1_epi16(64)), 7);
}

DIPTYCH_AVX2 void mix_rows(const int16_t* upper, const int16_t* lower, int weight, uint8_t* out, int count) {
  const __m256i weights = _mm256_set1_epi16(static_cast<int16_t>(weight));
  const __m256i bias = _mm256_set1_epi8(static_cast<char>(0x80));
  int i = 0;
  for (; i + 32 <= count; i += 32) {
    const __m256i packed = _mm256_packs_epi16(mix16(upper + i, lower + i, weights),
                                              mix16(upper + i + 16, lower + i + 16, weights));
    store256(out + i, _mm256_xor_si256(_mm256_permute4x64_epi64(packed, 0xD8), bias));
  }
  loops::mix_rows(upper, lower, weight, out, i, count);
}

DIPTYCH_AVX2 void sum_rows(const uint8_t* const* rows, const uint8_t* weights, int row_count,
                           int16_t* samples, int count) {
  const __m256i bias = _mm256_set1_epi8(static_cast<char>(0x80));
  int i = 0;
  for (; i + 32 <= count; i += 32) {
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    for (int row = 0; row < row_count; row += 2) {
      // An odd last row is paired with itself at weight 0.
      const bool paired = row + 1 < row_count;
      const int second_weight = paired ? weights[row + 1] : 0;
      const __m256i pair = _mm256_set1_epi16(static_cast<int16_t>(weights[row] | (second_weight << 8)));
      const __m256i first = _mm256_xor_si256(load256(rows[row] + i), bias);
      const __m256i second = _mm256_xor_si256(load256(rows[paired ? row + 1 : row] + i), bias);
      low = _mm256_add_epi16(low, _mm256_maddubs_epi16(pair, _mm256_unpacklo_epi8(first, second)));
      high = _mm256_add_epi16(high, _mm256_maddubs_epi16(pair, _mm256_unpackhi_epi8(first, second)));
    }
    store256(samples + i, _mm256_permute2x128_si256(low, high, 0x20));
    store256(samples + i + 16, _mm256_permute2x128_si256(low, high, 0x31));
  }
  loops::sum_rows(rows, weights, row_count, samples, i, count);
}

// Sums of eight products for two outputs, one in each half.
DIPTYCH_AVX2 inline __m256i products(const int16_t* samples, const WeightedColumns& columns, int first,
                                     int second) {
  const int16_t* first_weights = columns.weights.data() + size_t(first) * columns.taps;
  const int16_t* second_weights = columns.weights.data() + size_t(second) * columns.taps;
  __m256i sum = _mm256_setzero_si256();
  for (int tap = 0; tap < columns.taps; tap += 8) {
    const __m256i values = _mm256_inserti128_si256(
        _mm256_castsi128_si256(load128(samples + columns.starts[first] + tap)),
        load128(samples + columns.starts[second] + tap), 1);
    const __m256i weights = _mm256_inserti128_si256(_mm256_castsi128_si256(load128(first_weights + tap)),
                                                    load128(second_weights + tap), 1);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(values, weights));
  }
  return sum;
}

// Sums of the eight outputs from `i` on, each of any number of products.
DIPTYCH_AVX2 inline __m256i eight_sums(const int16_t* samples, const WeightedColumns& columns, int i) {
  const __m256i pairs0 =
      _mm256_hadd_epi32(products(samples, columns, i, i + 4), products(samples, columns, i + 1, i + 5));
  const __m256i pairs1 =
      _mm256_hadd_epi32(products(samples, columns, i + 2, i + 6), products(samples, columns, i + 3, i + 7));
  return _mm256_hadd_epi32(pairs0, pairs1);
}

// Products of four outputs with four samples each, which still are to be added two and two.
DIPTYCH_AVX2 inline __m256i short_products(const int16_t* samples, const WeightedColumns& columns, int i) {
  const int32_t* starts = columns.starts.data() + i;
  const __m128i first = _mm_unpacklo_epi64(load64(samples + starts[0]), load64(samples + starts[1]));
  const __m128i second = _mm_unpacklo_epi64(load64(samples + starts[2]), load64(samples + starts[3]));
  const __m256i values = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
  return _mm256_madd_epi16(values, load256(columns.weights.data() + size_t(i) * 4));
}

// The same where each output has four products: a step of up to 3, as from 1080p to 640.
DIPTYCH_AVX2 inline __m256i eight_short_sums(const int16_t* samples, const WeightedColumns& columns, int i) {
  const __m256i sums =
      _mm256_hadd_epi32(short_products(samples, columns, i), short_products(samples, columns, i + 4));
  return _mm256_permute4x64_epi64(sums, 0xD8);
}

DIPTYCH_AVX2 void weighted_columns(const int16_t* samples, const WeightedColumns& columns, uint8_t* out) {
  const bool is_short = columns.taps == 4;
  for (int i = 0; i < columns.count; i += 8) {
    const __m256i sums =
        is_short ? eight_short_sums(samples, columns, i) : eight_sums(samples, columns, i);
    const __m256i rounded = _mm256_srai_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(1 << 20)), 21);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
    const __m128i bytes =
        _mm_xor_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(static_cast<char>(0x80)));
    if (i + 8 <= columns.count) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), bytes);
      continue;
    }
    alignas(8) uint8_t rest[8];
    _mm_storel_epi64(reinterpret_cast<__m128i*>(rest), bytes);
    std::copy(rest, rest + (columns.count - i), out + i);
  }
}

DIPTYCH_AVX2 void blend(uint8_t* below, const uint8_t* above, int alpha, int count) {
  loops::blend(below, above, alpha, count);
}

DIPTYCH_AVX2 void unzip(const uint8_t* source, uint8_t* out, int count) {
  loops::unzip(source, out, count);
}

DIPTYCH_AVX2 void recolour(uint8_t* upper, uint8_t* lower, uint8_t* u, uint8_t* v, int count,
              const ColourChange& change, int32_t* shifts) {
  loops::recolour(upper, lower, u, v, count, change, shifts);
}

DIPTYCH_AVX2 void to_tensor(const uint8_t* y, const uint8_t* u, const uint8_t* v, int count,
                            const ColourMatrix& matrix, const TensorRow& out) {
  if (out.step == 1) {
    loops::to_tensor<1>(y, u, v, count, matrix, out);
  } else {
    loops::to_tensor<3>(y, u, v, count, matrix, out);
  }
}

}  // namespace

const RowFunctions& avx2_row_functions() {
  static const RowFunctions functions{
      true, linear_columns, mix_rows, sum_rows, weighted_columns, blend, unzip, recolour, to_tensor};
  return functions;
}

}  // namespace diptych

#endif
