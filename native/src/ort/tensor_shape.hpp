#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ort/library.hpp"

namespace diptych::ort {

// What a tensor holds.
struct TensorShape {
  // kFloat32, or another of onnxruntime's types.
  int type = 0;
  // −1 where it may vary.
  std::vector<int64_t> dims;
};

// Throws std::runtime_error where onnxruntime can't tell.
TensorShape shape_of(const Library& library, const TensorInfo* info);

// An input or an output.
struct NamedShape {
  std::string name;
  TensorShape shape;
};

// As the model's file declares them.
std::vector<NamedShape> inputs_of(const Library& library, const Session* session);
std::vector<NamedShape> outputs_of(const Library& library, const Session* session);

// Their product.
size_t elements(const std::vector<int64_t>& dims);
// "1×3×640×640", with ? for what may vary.
std::string text_of(const std::vector<int64_t>& dims);

}  // namespace diptych::ort
