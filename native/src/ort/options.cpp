#include "ort/options.hpp"

#include <tuple>

namespace diptych::ort {

namespace {

auto all_of(const TensorSpec& spec) {
  return std::tie(spec.width, spec.height, spec.blue_first, spec.planar, spec.mean, spec.scale, spec.pad,
                  spec.pads_outside);
}

auto all_of(const cuda::DecodeOptions& decode) {
  return std::tie(decode.type, decode.classes, decode.keypoints, decode.strides, decode.anchors_per_cell,
                  decode.anchors);
}

auto all_of(const ModelOptions& options) {
  return std::tie(options.path, options.library, options.provider, options.is_exact, options.channels_last, options.cache,
                  options.input_name, options.output_names, options.max_batch, options.max_wait,
                  options.embedding_length);
}

}  // namespace

bool operator==(const ModelOptions& a, const ModelOptions& b) {
  return all_of(a) == all_of(b) && all_of(a.input) == all_of(b.input) &&
         a.decode.has_value() == b.decode.has_value() && (!a.decode || all_of(*a.decode) == all_of(*b.decode));
}

}  // namespace diptych::ort
