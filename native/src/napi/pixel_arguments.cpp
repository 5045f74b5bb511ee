#include "pixel_arguments.hpp"

#include <cmath>

#include "diptych/arguments.hpp"

namespace diptych {

namespace {

constexpr int kFarthest = 32768;
constexpr double kSubpixels = 65536;
constexpr int kLargestTensor = 8192;

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
  return spec;
}

float* tensor_argument(Napi::Value value, const std::string& name, size_t length) {
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

}  // namespace diptych
