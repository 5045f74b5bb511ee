#include "ort/operators.hpp"

#include "ort/convolution.hpp"

namespace diptych::ort {

Operators::Operators(const Library& library, const std::shared_ptr<cuda::Device>& device, cuda::Stream& stream, Provider provider)
    : library_(library), kernels_(*device) {
  const char* name = provider == Provider::kCpu ? nullptr : "CUDAExecutionProvider";
  const auto convolution = [&](const char* kind, int type, bool is_dense) {
    return std::make_unique<Convolution>(kind, type, is_dense, name, library, kernels_, device, stream);
  };
  convolutions_ = {convolution("DenseConv", kFloat16, true), convolution("DirectConv32", kFloat32, false),
                   convolution("DirectConv16", kFloat16, false)};
  domain_ = make<CustomOpDomain>(library, library->release_domain,
                                 [&](CustomOpDomain** to) { return library->create_domain("diptych", to); });
  for (const auto& each : convolutions_) library.check(library->add_operator(domain_.get(), each.get()));
}

Operators::~Operators() = default;

void Operators::add_to(SessionOptions* options) const {
  library_.check(library_->add_domain(options, domain_.get()));
}

}  // namespace diptych::ort
