#include "cuda/network_output.hpp"

#include <cmath>
#include <limits>

namespace diptych::cuda {

namespace {

std::string describe(const NetworkOutput& output) {
  std::string text;
  for (const int64_t dim : output.dims) text += (text.empty() ? "" : "×") + std::to_string(dim);
  return text;
}

std::string describe(const std::vector<NetworkOutput>& outputs) {
  std::string text;
  for (const NetworkOutput& output : outputs) text += (text.empty() ? "" : ", ") + describe(output);
  return text.empty() ? "nothing" : text;
}

}  // namespace

int64_t length_of(const NetworkOutput& output) {
  int64_t length = 1;
  for (const int64_t dim : output.dims) length *= dim;
  return length;
}

std::runtime_error wrong_shape(const std::string& model, const std::string& expected,
                               const std::vector<NetworkOutput>& outputs) {
  return std::runtime_error("a " + model + " model should give " + expected + ", got " + describe(outputs) +
                            "; check its entry in models/manifest.json");
}

Address output_of_length(const std::vector<NetworkOutput>& outputs, size_t index, int64_t length, size_t pictures,
                const char* model) {
  const bool fits = index < outputs.size() && length_of(outputs[index]) % length == 0 &&
                    length_of(outputs[index]) / length >= static_cast<int64_t>(pictures);
  if (!fits) {
    throw std::runtime_error("output " + std::to_string(index) + " of this " + model + " model should hold " +
                             std::to_string(length) + " numbers a picture, got " +
                             (index < outputs.size() ? describe(outputs[index]) : "nothing") +
                             "; the file is not the model that the manifest describes");
  }
  return outputs[index].data;
}

float least_float(double threshold) {
  const auto near = static_cast<float>(threshold);
  return near < threshold ? std::nextafter(near, std::numeric_limits<float>::infinity()) : near;
}

float least_logit(double threshold) {
  const auto reaches = [threshold](float x) { return 1 / (1 + std::exp(-static_cast<double>(x))) >= threshold; };
  // The function saturates at both ends before.
  float below = -1000;
  float above = 1000;
  if (reaches(below)) return -std::numeric_limits<float>::infinity();
  if (!reaches(above)) return std::numeric_limits<float>::infinity();
  for (;;) {
    const float middle = below + (above - below) / 2;
    if (middle == below || middle == above) return above;
    (reaches(middle) ? above : below) = middle;
  }
}

}  // namespace diptych::cuda
