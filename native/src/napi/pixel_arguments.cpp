#include "napi/pixel_arguments.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "napi/arguments.hpp"

namespace diptych {

namespace {

constexpr int kFarthest = 32768;
constexpr int kLargestOutput = 8192;
constexpr int kOpaque = 256;
constexpr double kSubpixels = 65536;
constexpr int kLargestTensor = 8192;
// Distances in 1/32 pixel are squared in 32 bits.
constexpr int kLargestRadius = 1024;

// Not a number where it is none, and so in no range.
double number_or_nan(Napi::Value value) {
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
}

std::string range(int least, int most) {
  return " from " + std::to_string(least) + " to " + std::to_string(most);
}

int64_t fixed(double pixels) { return std::llround(pixels * kSubpixels); }

int64_t length_argument(Napi::Value value, const std::string& name) {
  const double pixels = number_or_nan(value);
  if (!(pixels > 0 && pixels <= kFarthest) || fixed(pixels) == 0) {
    throw wrong_argument(value.Env(), name, "a number above 0, at most " + std::to_string(kFarthest), value);
  }
  return fixed(pixels);
}

// Three whole numbers from 0 to 255.
void colour_argument(Napi::Value value, const std::string& name, uint8_t* colour) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) {
    throw wrong_argument(value.Env(), name, "an array of 3", value);
  }
  for (uint32_t i = 0; i < 3; ++i) {
    colour[i] = static_cast<uint8_t>(
        whole_argument(value.As<Napi::Array>().Get(i), name + "[" + std::to_string(i) + "]", 0, 255));
  }
}

// Four radii, whole pixels; what is more than half of a side is that half.
void radii_argument(Napi::Value value, const std::string& name, const Rectangle& dest, int* radii) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 4) {
    throw wrong_argument(value.Env(), name, "an array of 4", value);
  }
  // Even, so that no 2×2 samples have two corners.
  const int most = std::min(dest.width, dest.height) / 4 * 2;
  for (uint32_t i = 0; i < 4; ++i) {
    const std::string item = name + "[" + std::to_string(i) + "]";
    radii[i] = std::min(most, static_cast<int>(whole_argument(value.As<Napi::Array>().Get(i), item, 0, kLargestRadius)));
  }
}

}  // namespace

double finite_argument(Napi::Value value, const std::string& name) {
  const double number = number_or_nan(value);
  if (!std::isfinite(number)) throw wrong_argument(value.Env(), name, "a finite number", value);
  return number;
}

double ranged_argument(Napi::Value value, const std::string& name, int least, int most) {
  const double number = number_or_nan(value);
  if (!(number >= least && number <= most)) {
    throw wrong_argument(value.Env(), name, "a number" + range(least, most), value);
  }
  return number;
}

int even_argument(Napi::Value value, const std::string& name, int least, int most) {
  const double number = number_or_nan(value);
  if (!(number >= least && number <= most) || std::fmod(number, 2) != 0) {
    throw wrong_argument(value.Env(), name, "an even number" + range(least, most), value);
  }
  return static_cast<int>(number);
}

bool choice_argument(Napi::Value value, const std::string& name, const char* first, const char* second) {
  const std::string given = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
  if (given != first && given != second) {
    throw wrong_argument(value.Env(), name, std::string("\"") + first + "\" or \"" + second + "\"", value);
  }
  return given == first;
}

Crop crop_argument(Napi::Value value, const std::string& name) {
  const Napi::Object box = object_argument(value, name);
  return {
      fixed(ranged_argument(box.Get("x"), name + ".x", -kFarthest, kFarthest)),
      fixed(ranged_argument(box.Get("y"), name + ".y", -kFarthest, kFarthest)),
      length_argument(box.Get("width"), name + ".width"),
      length_argument(box.Get("height"), name + ".height"),
  };
}

Rectangle rectangle_argument(Napi::Value value, const std::string& name) {
  const Napi::Object box = object_argument(value, name);
  return {
      even_argument(box.Get("x"), name + ".x", -kFarthest, kFarthest),
      even_argument(box.Get("y"), name + ".y", -kFarthest, kFarthest),
      even_argument(box.Get("width"), name + ".width", 2, kFarthest),
      even_argument(box.Get("height"), name + ".height", 2, kFarthest),
  };
}

TensorSpec tensor_spec_argument(Napi::Value value, const std::string& name) {
  const Napi::Object options = object_argument(value, name);
  TensorSpec spec{};
  spec.width = static_cast<int>(whole_argument(options.Get("width"), name + ".width", 1, kLargestTensor));
  spec.height = static_cast<int>(whole_argument(options.Get("height"), name + ".height", 1, kLargestTensor));
  spec.blue_first = choice_argument(options.Get("channels"), name + ".channels", "BGR", "RGB");
  spec.planar = choice_argument(options.Get("order"), name + ".order", "nchw", "nhwc");
  spec.mean = static_cast<float>(finite_argument(options.Get("mean"), name + ".mean"));
  spec.scale = static_cast<float>(finite_argument(options.Get("scale"), name + ".scale"));
  spec.pad = static_cast<float>(ranged_argument(options.Get("pad"), name + ".pad", 0, 255));
  const Napi::Value outside = options.Get("outside");
  spec.pads_outside = !outside.IsUndefined() && choice_argument(outside, name + ".outside", "pad", "edge");
  return spec;
}

std::optional<Crop> optional_crop_argument(Napi::Value options) {
  const Napi::Value crop = options.As<Napi::Object>().Get("crop");
  if (crop.IsUndefined()) return std::nullopt;
  return crop_argument(crop, "options.crop");
}

float* tensor_argument(Napi::Value value, const std::string& name, const TensorSpec& spec) {
  const size_t length = size_t{3} * spec.width * spec.height;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw wrong_argument(value.Env(), name, "a Float32Array", value);
  }
  const auto tensor = value.As<Napi::Float32Array>();
  if (tensor.ElementLength() != length) {
    throw Napi::TypeError::New(value.Env(), name + ": expected " + std::to_string(length) + " numbers, got " +
                                                std::to_string(tensor.ElementLength()));
  }
  return value.As<Napi::Float32Array>().Data();
}

AffineMatrix matrix_argument(Napi::Value value, const std::string& name) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 6) {
    throw wrong_argument(value.Env(), name, "an array of 6", value);
  }
  double entries[6];
  for (uint32_t i = 0; i < 6; ++i) {
    entries[i] = ranged_argument(value.As<Napi::Array>().Get(i), name + "[" + std::to_string(i) + "]",
                                 -kLargestMatrixEntry, kLargestMatrixEntry);
  }
  return affine_matrix(entries);
}

ComposeJob compose_job_argument(Napi::Value output, Napi::Value regions) {
  ComposeJob job{};
  const Napi::Object size = object_argument(output, "output");
  job.width = even_argument(size.Get("width"), "output.width", 2, kLargestOutput);
  job.height = even_argument(size.Get("height"), "output.height", 2, kLargestOutput);
  if (!regions.IsArray()) throw wrong_argument(regions.Env(), "regions", "an array of regions", regions);
  const Napi::Array list = regions.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const std::string name = "regions[" + std::to_string(i) + "]";
    const Napi::Object region = object_argument(list.Get(i), name);
    ComposeJob::Region made{};
    if (region.Has("colour")) {
      colour_argument(region.Get("colour"), name + ".colour", made.colour);
    } else {
      made.frame = frame_argument(region.Get("frame"), name + ".frame");
      made.crop = crop_argument(region.Get("crop"), name + ".crop");
    }
    made.dest = rectangle_argument(region.Get("dest"), name + ".dest");
    made.only_corners = region.Has("colour") && !region.Get("radii").IsUndefined();
    if (made.only_corners) radii_argument(region.Get("radii"), name + ".radii", made.dest, made.radii);
    made.alpha = static_cast<int>(std::lround(ranged_argument(region.Get("alpha"), name + ".alpha", 0, 1) * kOpaque));
    job.regions.push_back(std::move(made));
  }
  return job;
}

Napi::Object describe_mapping(Napi::Env env, const TensorMapping& mapping) {
  Napi::Object offset = Napi::Object::New(env);
  offset.Set("x", mapping.offset_x);
  offset.Set("y", mapping.offset_y);
  Napi::Object description = Napi::Object::New(env);
  description.Set("ratio", mapping.ratio);
  description.Set("offset", offset);
  return description;
}

}  // namespace diptych
