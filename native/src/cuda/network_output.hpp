#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/decode.hpp"

// What decoders check and derive before they ask the GPU.
namespace diptych::cuda {

// Numbers in it.
int64_t length_of(const NetworkOutput& output);

// To be thrown: says what a model should give and what it gives.
std::runtime_error wrong_shape(const std::string& model, const std::string& expected,
                               const std::vector<NetworkOutput>& outputs);

// Output `index`, checked to hold `length` numbers for each of at least `pictures` pictures.
Address output_of_length(const std::vector<NetworkOutput>& outputs, size_t index, int64_t length, size_t pictures,
                         const char* model);

// The least number in single precision that reaches the threshold.
float least_float(double threshold);
// The least logit whose logistic function reaches the threshold.
float least_logit(double threshold);

}  // namespace diptych::cuda
