#pragma once

#include <cstdint>
#include <vector>

namespace diptych {

// What is done to one row of samples. There is a plain version of each function and, on x86
// with AVX2, one with the same results bit for bit (test/integration/pixels holds them to it).

// Both scaling passes keep samples in between as (value − 128) · 128 in 16 bits ("biased Q7").

// Sixteen output columns, as the vector version wants them: two loads of 16 bytes, each
// shuffled into eight pairs of neighbours and multiplied by eight pairs of weights.
struct alignas(32) ColumnGroup {
  // Which of the 16 bytes of each load go where, and what they weigh.
  uint8_t shuffle[32];
  uint8_t weights[32];
  // Where the two loads begin, in bytes.
  int32_t offsets[2];
};

// Linear columns: output i = (128 − w) · left + w · right.
struct LinearColumns {
  // Indices of samples; `right_weight` of 7 bits.
  struct Column {
    int32_t left;
    int32_t right;
    int32_t right_weight;
  };
  // Output samples.
  int count = 0;
  // Either one or the other is filled.
  std::vector<Column> columns;
  std::vector<ColumnGroup> groups;
};

// Weighted columns: output i is the sum of `taps` samples from starts[i] on, weights of 14 bits.
struct WeightedColumns {
  // Output samples.
  int count = 0;
  // Of the source plane: the samples that are needed, [first, first + width).
  int first = 0;
  int width = 0;
  // 4, or a multiple of 8; missing samples weigh 0.
  int taps = 0;
  // Counted from `first`; as many as `count` rounded up to 8.
  std::vector<int32_t> starts;
  // `taps` for each column, one behind the other.
  std::vector<int16_t> weights;
};

// Y′CbCr to R′G′B′ in 1/8192: c = (luma · (Y − black) + … + 4096) >> 13, clamped to 0 … 255.
struct ColourMatrix {
  int black;
  int luma;
  int red_v;
  int green_u;
  int green_v;
  int blue_u;
};

// Y′CbCr to Y′CbCr of BT.709, limited range, in 1/16384. With u = U − 128, v = V − 128 of the
// chroma sample whose 2×2 luma samples Y is one of, all clamped to 0 … 255:
//   Y = 16 + (luma · (Y − black) + luma_u · u + luma_v · v + 8192 >> 14)
//   U = 128 + (u_u · u + u_v · v + 8192 >> 14), V likewise
struct ColourChange {
  int black;
  int luma;
  int luma_u;
  int luma_v;
  int u_u;
  int u_v;
  int v_u;
  int v_v;
};

// Where the colours of a row go, and how far apart neighbours lie (1 planar, 3 interleaved).
struct TensorRow {
  float* red;
  float* green;
  float* blue;
  int step;
  // Tensor value = (colour − mean) · scale, in single precision.
  float mean;
  // See `mean`.
  float scale;
};

// One set for a kind of CPU. `count`: output samples, any number of them. Any thread.
struct RowFunctions {
  // Whether linear_columns reads `groups` (planes of at least 16 samples) or `columns`.
  bool wants_groups;
  // Room for samples: `count` rounded up to 16.
  void (*linear_columns)(const uint8_t* source, const LinearColumns& columns, int16_t* samples);
  // upper + ((lower − upper) · weight + 2^14 >> 15), weight 0 … 32767; then to bytes.
  void (*mix_rows)(const int16_t* upper, const int16_t* lower, int weight, uint8_t* out, int count);
  // Weighted sum of rows, weights sum to 128.
  void (*sum_rows)(const uint8_t* const* rows, const uint8_t* weights, int row_count,
                   int16_t* samples, int count);
  // (sum + 2^20 >> 21) + 128. `samples` holds `width` + `taps` of them.
  void (*weighted_columns)(const int16_t* samples, const WeightedColumns& columns, uint8_t* out);
  // below + alpha · (above − below): (below · (256 − alpha) + above · alpha + 128) >> 8.
  void (*blend)(uint8_t* below, const uint8_t* above, int alpha, int count);
  // Every second byte.
  void (*unzip)(const uint8_t* source, uint8_t* out, int count);
  // Two rows of luma and their row of chroma, in place; `count` chroma samples. `shifts` has
  // room for as many numbers as there are luma samples.
  void (*recolour)(uint8_t* upper, uint8_t* lower, uint8_t* u, uint8_t* v, int count,
                   const ColourChange& change, int32_t* shifts);
  // `count` pixels of luma and chroma (one sample a pixel) to colours.
  void (*to_tensor)(const uint8_t* y, const uint8_t* u, const uint8_t* v, int count,
                    const ColourMatrix& matrix, const TensorRow& out);
};

// The fastest set this CPU has; the plain one if the environment says DIPTYCH_SIMD=off
// (read once). Any thread.
const RowFunctions& row_functions();

// For any CPU.
const RowFunctions& plain_row_functions();
#if defined(__x86_64__)
// Only on a CPU with AVX2.
const RowFunctions& avx2_row_functions();
#endif

}  // namespace diptych
