#include "ort/convolution.hpp"

#include <stdexcept>

#include "ort/tensor_shape.hpp"

namespace diptych::ort {

namespace {

enum Input : size_t { kPicture, kWeights, kBias, kSlope, kResidual, kInputs };

constexpr int64_t kMostSize = 1 << 20;
// Kernels count in 32 bits.
constexpr int64_t kMostNumbers = 0x7fffffff;

int32_t size_of(int64_t value) {
  if (value < 0 || value > kMostSize) throw std::runtime_error("a size of " + std::to_string(value));
  return static_cast<int32_t>(value);
}

int64_t output_size(int64_t input, int64_t pads, int64_t kernel, int64_t stride) {
  return input + pads < kernel ? 0 : (input + pads - kernel) / stride + 1;
}

}  // namespace

template <typename Call>
Status* Convolution::status_of(Call call) const {
  try {
    call();
    return nullptr;
  } catch (const std::exception& problem) {
    return library_->create_status(kFail, (std::string(name_) + ": " + problem.what()).c_str());
  }
}

Convolution::Convolution(const char* name, int type, bool is_dense, const char* provider, const Library& library,
                         const cuda::ConvolutionKernels& kernels, const std::shared_ptr<cuda::Device>& device,
                         cuda::Stream& stream)
    : name_(name),
      type_(type),
      is_dense_(is_dense),
      provider_(provider),
      library_(library),
      kernels_(kernels),
      device_(device),
      stream_(stream) {
  CustomOp::name = [](const CustomOp* op) { return of(op).name_; };
  CustomOp::provider = [](const CustomOp* op) { return of(op).provider_; };
  input_type = [](const CustomOp* op, size_t index) {
    return index == kBias || index == kSlope ? static_cast<int>(kFloat32) : of(op).type_;
  };
  input_count = [](const CustomOp*) -> size_t { return kInputs; };
  output_type = [](const CustomOp* op, size_t) { return of(op).type_; };
  output_count = [](const CustomOp*) -> size_t { return 1; };
  input_presence = [](const CustomOp*, size_t index) -> int { return index < kSlope ? kRequired : kOptional; };
  output_presence = [](const CustomOp*, size_t) -> int { return kRequired; };
  input_memory = [](const CustomOp*, size_t) -> int { return kDefaultMemory; };
  create_safely = [](const CustomOp* op, const void*, const KernelInfo* info, void** kernel) {
    return of(op).status_of([&] { *kernel = new Node{of(op), of(op).geometry_of(info), false, {}}; });
  };
  run_safely = [](void* kernel, KernelContext* context) {
    Node& node = *static_cast<Node*>(kernel);
    return node.kind.status_of([&] { node.kind.compute(node, context); });
  };
  destroy = [](void* kernel) { delete static_cast<Node*>(kernel); };
}

Convolution::Geometry Convolution::geometry_of(const KernelInfo* info) const {
  constexpr size_t kNumbers = sizeof(Geometry) / sizeof(int64_t);
  std::array<int64_t, kNumbers> numbers{};
  size_t count = numbers.size();
  library_.check(library_->integer_attributes(info, "geometry", numbers.data(), &count));
  if (count != kNumbers) throw std::runtime_error("its geometry has " + std::to_string(count) + " numbers");
  const auto [kernel_height, kernel_width, stride_y, stride_x, top, left, bottom, right, group, activation, residual] =
      numbers;
  if (kernel_height < 1 || kernel_width < 1 || stride_y < 1 || stride_x < 1 || group < 1) {
    throw std::runtime_error("its geometry has no size");
  }
  return {kernel_height, kernel_width, stride_y, stride_x, top, left, bottom, right, group, activation, residual};
}

Convolution::Tensor Convolution::input(const KernelContext* context, size_t index) const {
  size_t count = 0;
  library_.check(library_->kernel_input_count(context, &count));
  const Value* value = nullptr;
  if (index < count) library_.check(library_->kernel_input(context, index, &value));
  if (value == nullptr) return {};
  const auto info = make<TensorInfo>(library_, library_->release_tensor_info,
                                     [&](TensorInfo** to) { return library_->tensor_info_of(value, to); });
  void* data = nullptr;
  library_.check(library_->tensor_data(const_cast<Value*>(value), &data));
  return {reinterpret_cast<cuda::Address>(data), shape_of(library_, info.get()).dims};
}

cuda::Address Convolution::output(KernelContext* context, const std::array<int64_t, 4>& dims) const {
  Value* value = nullptr;
  library_.check(library_->kernel_output(context, 0, dims.data(), dims.size(), &value));
  void* data = nullptr;
  library_.check(library_->tensor_data(value, &data));
  return reinterpret_cast<cuda::Address>(data);
}

cuda::ConvParams Convolution::params_of(const Geometry& geometry, const Tensor& input, const Tensor& weights) const {
  if (input.dims.size() != 4 || weights.dims.empty()) throw std::runtime_error("takes pictures and weights");
  cuda::ConvParams params{};
  params.input = input.data;
  params.weights = weights.data;
  params.pictures = size_of(input.dims[0]);
  params.channels = size_of(input.dims[1]);
  params.height = size_of(input.dims[2]);
  params.width = size_of(input.dims[3]);
  params.filters = size_of(weights.dims[0]);
  params.out_height = size_of(output_size(params.height, geometry.pad_top + geometry.pad_bottom,
                                          geometry.kernel_height, geometry.stride_y));
  params.out_width = size_of(output_size(params.width, geometry.pad_left + geometry.pad_right, geometry.kernel_width,
                                         geometry.stride_x));
  params.kernel_height = size_of(geometry.kernel_height);
  params.kernel_width = size_of(geometry.kernel_width);
  params.stride_y = size_of(geometry.stride_y);
  params.stride_x = size_of(geometry.stride_x);
  params.pad_top = size_of(geometry.pad_top);
  params.pad_left = size_of(geometry.pad_left);
  params.group = size_of(geometry.group);
  params.activation = size_of(geometry.activation);
  params.residual_place = size_of(geometry.residual);

  if (params.channels % params.group != 0 || params.filters % params.group != 0) {
    throw std::runtime_error("its channels or filters can't be shared out to its groups");
  }
  if (is_dense_ && !cuda::ConvolutionKernels::is_dense(params)) throw std::runtime_error("its window is too large");
  if (int64_t{params.pictures} * params.filters * params.out_height * params.out_width > kMostNumbers ||
      int64_t{params.pictures} * params.channels * params.height * params.width > kMostNumbers) {
    throw std::runtime_error("its pictures are too large");
  }
  const int64_t window = geometry.kernel_height * geometry.kernel_width;
  const int64_t channels = params.channels / params.group;
  const int64_t slices = (channels + cuda::kConvSlice - 1) / cuda::kConvSlice;
  const int64_t wanted = window * (is_dense_ ? slices * cuda::kConvSlice : channels);
  if (elements(weights.dims) != static_cast<size_t>(wanted * params.filters)) {
    throw std::runtime_error("its weights are not those of its geometry");
  }
  return params;
}

void Convolution::compute(Node& node, KernelContext* context) const {
  cuda::ConvParams params = params_of(node.geometry, input(context, kPicture), input(context, kWeights));
  const std::array<int64_t, 4> dims{params.pictures, params.filters, params.out_height, params.out_width};
  params.bias = input(context, kBias).data;
  params.slope = input(context, kSlope).data;
  const Tensor residual = input(context, kResidual);
  params.residual = residual.data;
  if (params.residual_place != cuda::kNoResidual && residual.dims != std::vector<int64_t>(dims.begin(), dims.end())) {
    throw std::runtime_error("what is added to it is not as large");
  }
  if (params.activation == cuda::kSlope && params.slope == 0) throw std::runtime_error("has no slope");
  params.output = output(context, dims);
  if (!node.is_arranged) {
    node.weights = is_dense_ ? kernels_.arranged(device_, stream_, params)
                             : kernels_.arranged_directly(device_, stream_, params, type_ == kFloat16);
    node.is_arranged = true;
  }
  if (node.weights) params.weights = node.weights.address();
  if (is_dense_) {
    kernels_.dense(stream_, params);
  } else {
    kernels_.direct(stream_, params, type_ == kFloat16);
  }
}

}  // namespace diptych::ort
