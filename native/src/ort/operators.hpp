#pragma once

#include <array>
#include <memory>

#include "cuda/convolution.hpp"
#include "ort/library.hpp"
#include "ort/options.hpp"

namespace diptych::ort {

class Convolution;

// Operators of our own, which onnxruntime runs among those of a network: convolutions that are one kernel with what
// follows them. src/stream/onnx puts them in the place of Conv and says what they take. They work in the order of
// `stream`, which has to be the sessions' own. Outlives the sessions that it was added to.
class Operators {
 public:
  Operators(const Library& library, const std::shared_ptr<cuda::Device>& device, cuda::Stream& stream,
            Provider provider);
  ~Operators();
  Operators(const Operators&) = delete;
  Operators& operator=(const Operators&) = delete;

  // Throws std::runtime_error.
  void add_to(SessionOptions* options) const;

 private:
  static constexpr size_t kKinds = 3;

  const Library& library_;
  cuda::ConvolutionKernels kernels_;
  Owned<CustomOpDomain> domain_;
  std::array<std::unique_ptr<Convolution>, kKinds> convolutions_;
};

}  // namespace diptych::ort
