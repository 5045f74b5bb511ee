#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

#include "diptych/compose.hpp"
#include "diptych/tensor.hpp"

namespace diptych {

// More of diptych/arguments.hpp, for what only the pixel functions take.

double finite_argument(Napi::Value value, const std::string& name);
double ranged_argument(Napi::Value value, const std::string& name, int least, int most);
int even_argument(Napi::Value value, const std::string& name, int least, int most);
// Whether the value is the first of the two strings.
bool choice_argument(Napi::Value value, const std::string& name, const char* first, const char* second);
// A box with a width and a height > 0, within ±32768 pixels.
Crop crop_argument(Napi::Value value, const std::string& name);
// A box of even numbers with a width and a height ≥ 2, within ±32768 pixels.
Rectangle rectangle_argument(Napi::Value value, const std::string& name);
// LetterboxOptions of src/native/types.ts, without its crop.
TensorSpec tensor_spec_argument(Napi::Value value, const std::string& name = "options");
// The memory of a Float32Array of that length.
float* tensor_argument(Napi::Value value, const std::string& name, size_t length);

}  // namespace diptych
