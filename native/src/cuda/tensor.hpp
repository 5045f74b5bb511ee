#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/picture.hpp"
#include "core/tensor.hpp"
#include "cuda/device.hpp"

namespace diptych::cuda {

// Of the middle of the green plane, in whole steps of 8-bit colour; see aligned_sharpness. As it
// lies on the GPU.
struct SharpnessSums {
  // Sums of the values and of their squares, of the plane and of its Laplacian.
  int64_t light;
  uint64_t light_squares;
  int64_t detail;
  uint64_t detail_squares;
};

// Variance of a Laplacian over that of the picture, as alignedSharpness of src/stream/stages/reid (what
// the network takes off and multiplies by cancels out), ≥ 0; 0 for a plane of one colour.
double aligned_sharpness(const SharpnessSums& sums, const TensorSpec& spec);

// The tensors of core/tensor.hpp made on the GPU, with the same numbers. Calls return at once;
// `picture` must lie on the GPU (MappedDevicePicture) and stay until the stream has done them.
// Tensors are 3 · width · height floats. Any thread, one at a time per stream.
class TensorKernels {
 public:
  // Tensors of one launch.
  static constexpr size_t kMostCrops = 8;

  // Throws std::out_of_range where the device has no such kernels.
  explicit TensorKernels(const Device& device);

  // As letterbox of core/tensor.hpp; throws Error where the launch fails.
  TensorMapping letterbox(Stream& stream, const Picture& picture, const std::optional<Crop>& crop,
                          const TensorSpec& spec, Address tensor) const;
  // As many tensors as matrices (at most kMostCrops), one behind the other, in one launch.
  void warp_affine(Stream& stream, const Picture& picture, const std::vector<AffineMatrix>& matrices,
                   const TensorSpec& spec, Address tensors) const;
  // One SharpnessSums for each of `count` tensors (at most kMostCrops) one behind the other.
  void sum_sharpness(Stream& stream, Address tensors, size_t count, const TensorSpec& spec, Address sums) const;

  // As luma_sketch of core/sketch.hpp, step ≥ 1: sketch_bytes(picture, step) bytes at `sketch`.
  void sketch(Stream& stream, const Picture& picture, unsigned step, Address sketch) const;
  static size_t sketch_bytes(const Picture& picture, unsigned step);

 private:
  Kernel letterbox_;
  Kernel warp_affine_;
  Kernel sum_sharpness_;
  Kernel sketch_luma_;
};

}  // namespace diptych::cuda
