#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/compose.hpp"
#include "core/compose_threads.hpp"
#include "core/tensor.hpp"

namespace diptych {

// More of napi/arguments.hpp, for what only the pixel functions take.

double finite_argument(Napi::Value value, const std::string& name);
// A number from `least` to `most`.
double ranged_argument(Napi::Value value, const std::string& name, int least, int most);
// An even whole number from `least` to `most`.
int even_argument(Napi::Value value, const std::string& name, int least, int most);
// Whether the value is the first of the two strings.
bool choice_argument(Napi::Value value, const std::string& name, const char* first, const char* second);
// A box with a width and a height > 0, within ±32768 pixels.
Crop crop_argument(Napi::Value value, const std::string& name);
// A box of even numbers with a width and a height ≥ 2, within ±32768 pixels.
Rectangle rectangle_argument(Napi::Value value, const std::string& name);
// LetterboxOptions of src/stream/native/types.ts, without its crop.
TensorSpec tensor_spec_argument(Napi::Value value, const std::string& name = "options");
// `crop` of LetterboxOptions, where it is given.
std::optional<Crop> optional_crop_argument(Napi::Value options);
// The memory of a Float32Array of that size.
float* tensor_argument(Napi::Value value, const std::string& name, const TensorSpec& spec);
// An array of six numbers within ±kLargestMatrixEntry.
AffineMatrix matrix_argument(Napi::Value value, const std::string& name);
// What `compose` paints; `done` is not set yet.
ComposeJob compose_job_argument(Napi::Value output, Napi::Value regions);

// LetterboxMapping of src/stream/native/types.ts.
Napi::Object describe_mapping(Napi::Env env, const TensorMapping& mapping);

}  // namespace diptych
