#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cuda/convolution.hpp"
#include "ort/custom_op.hpp"
#include "ort/library.hpp"

namespace diptych::ort {

// One kind of convolution, described to onnxruntime.
class Convolution : public CustomOp {
 public:
  // `type` is that of pictures and weights, kFloat32 or kFloat16; `is_dense` is computed on tensor cores. The rest
  // outlives it.
  Convolution(const char* name, int type, bool is_dense, const char* provider, const Library& library,
              const cuda::ConvolutionKernels& kernels, const std::shared_ptr<cuda::Device>& device,
              cuda::Stream& stream);

 private:
  // The attribute `geometry`, in its order.
  struct Geometry {
    int64_t kernel_height;
    int64_t kernel_width;
    int64_t stride_y;
    int64_t stride_x;
    int64_t pad_top;
    int64_t pad_left;
    int64_t pad_bottom;
    int64_t pad_right;
    int64_t group;
    int64_t activation;
    int64_t residual;
  };
  // One node of a graph.
  struct Node {
    const Convolution& kind;
    Geometry geometry;
    // In the first run, which makes the weights; none where those of the graph are taken as they are.
    bool is_arranged;
    cuda::Buffer weights;
  };
  struct Tensor {
    cuda::Address data = 0;
    std::vector<int64_t> dims;
  };

  static const Convolution& of(const CustomOp* op) { return *static_cast<const Convolution*>(op); }
  // Throws std::runtime_error.
  Geometry geometry_of(const KernelInfo* info) const;
  // None where the node leaves it out.
  Tensor input(const KernelContext* context, size_t index) const;
  cuda::Address output(KernelContext* context, const std::array<int64_t, 4>& dims) const;
  cuda::ConvParams params_of(const Geometry& geometry, const Tensor& input, const Tensor& weights) const;
  void compute(Node& node, KernelContext* context) const;
  // The status of what `call` throws; null where it throws nothing.
  template <typename Call>
  Status* status_of(Call call) const;

  const char* name_;
  int type_;
  bool is_dense_;
  const char* provider_;
  const Library& library_;
  const cuda::ConvolutionKernels& kernels_;
  std::shared_ptr<cuda::Device> device_;
  cuda::Stream& stream_;
};

}  // namespace diptych::ort
