#pragma once

#include <stdexcept>
#include <string>

namespace diptych::ort {

// Decides the code of the error that JavaScript gets.
enum class Cause {
  // Something that inference on the GPU needs is not there: DIPTYCH_E_GPU.
  kMissing,
  // The GPU is lost or out of memory: DIPTYCH_E_GPU_LOST.
  kLost,
  // The model is not what it is said to be, or can't be run: DIPTYCH_E_MODEL.
  kModel,
};

// One sentence that says what is wrong.
class Failure : public std::runtime_error {
 public:
  // `text`: one sentence.
  Failure(Cause cause, const std::string& text) : std::runtime_error(text), cause(cause) {}
  const Cause cause;
};

}  // namespace diptych::ort
