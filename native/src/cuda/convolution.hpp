#pragma once

#include <memory>

#include "cuda/device.hpp"
#include "kernels/conv_params.h"

namespace diptych::cuda {

// Convolutions of networks, each with what follows it in one kernel (kernels/dense_conv.cu, kernels/direct_conv.cu).
class ConvolutionKernels {
 public:
  explicit ConvolutionKernels(const Device& device);

  // Pictures and weights in 32 or 16 bits, any groups; computed number by number. Weights are those that
  // `arranged_directly` gives. Throws Error.
  void direct(Stream& stream, const ConvParams& params, bool is_half) const;
  // On tensor cores, all in 16 bits and one group; weights are those that `arranged` gives. Throws Error.
  void dense(Stream& stream, const ConvParams& params) const;

  // The weights of an operator in the order in which the above take them; an empty buffer where they take them as they
  // are. Throws Error.
  Buffer arranged_directly(const std::shared_ptr<Device>& device, Stream& stream, const ConvParams& params,
                           bool is_half) const;
  Buffer arranged(const std::shared_ptr<Device>& device, Stream& stream, const ConvParams& params) const;

  // Whether `dense` can compute it: a tile sees no more than kMostPatch pixels.
  static bool is_dense(const ConvParams& params);

 private:
  // For as many filters a block as the name says; `parts` is for few pixels.
  struct Tiles {
    Kernel parts;
    Kernel of_16;
    Kernel of_32;
    Kernel of_64;
  };
  static Tiles tiles(const Device& device, const std::string& window);
  static const Kernel& best(const Tiles& tiles, const ConvParams& params, unsigned tile_count, unsigned* filters);

  Tiles point_;
  Tiles three_;
  Tiles half_three_;
  Kernel any_;
  Kernel arrange_;
  // Of 32 and of 16 bits.
  Kernel arrange_direct_[2];
  Kernel group_[2];
  Kernel depthwise_[2];
  Kernel half_depthwise_[2];
  Kernel direct_[2];
  Kernel few_direct_[2];
};

}  // namespace diptych::cuda
