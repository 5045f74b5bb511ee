#include "arguments.hpp"

#include <cmath>

namespace diptych::arguments {

namespace {

constexpr int kFarthest = 32768;
constexpr double kSubpixels = 65536;

std::string describe(Napi::Value value) {
  if (value.IsEmpty() || value.IsUndefined()) return "nothing";
  if (value.IsString()) return "\"" + value.As<Napi::String>().Utf8Value() + "\"";
  if (value.IsArray()) return "an array of " + std::to_string(value.As<Napi::Array>().Length());
  if (value.IsFunction()) return "a function";
  if (value.IsTypedArray()) {
    return "a typed array of " + std::to_string(value.As<Napi::TypedArray>().ElementLength());
  }
  if (value.IsSymbol()) return "a symbol";
  if (value.IsObject()) return "an object";
  return value.ToString().Utf8Value();
}

bool is_within(double value, double least, double most) { return value >= least && value <= most; }

std::string range(int least, int most) { return std::to_string(least) + " … " + std::to_string(most); }

int whole(Napi::Value value, const std::string& name, const std::string& kind, int least, int most, int unit) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!is_within(number, least, most) || std::fmod(number, unit) != 0) {
    refuse(value.Env(), name, kind + ", " + range(least, most), value);
  }
  return static_cast<int>(number);
}

double length(Napi::Value value, const std::string& name) {
  const double pixels = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!is_within(pixels * kSubpixels, 1, kFarthest * kSubpixels)) {
    refuse(value.Env(), name, "a number > 0, at most " + std::to_string(kFarthest), value);
  }
  return pixels;
}

}  // namespace

void refuse(Napi::Env env, const std::string& name, const std::string& expected, Napi::Value got) {
  throw Napi::TypeError::New(env, name + ": expected " + expected + ", got " + describe(got));
}

Napi::Object object(Napi::Value value, const std::string& name) {
  if (!value.IsObject() || value.IsArray() || value.IsFunction() || value.IsTypedArray()) {
    refuse(value.Env(), name, "an object", value);
  }
  return value.As<Napi::Object>();
}

double number(Napi::Value value, const std::string& name) {
  if (!value.IsNumber() || !std::isfinite(value.As<Napi::Number>().DoubleValue())) {
    refuse(value.Env(), name, "a finite number", value);
  }
  return value.As<Napi::Number>().DoubleValue();
}

double number_in(Napi::Value value, const std::string& name, int least, int most) {
  if (!value.IsNumber() || !is_within(value.As<Napi::Number>().DoubleValue(), least, most)) {
    refuse(value.Env(), name, "a number, " + range(least, most), value);
  }
  return value.As<Napi::Number>().DoubleValue();
}

int whole_number(Napi::Value value, const std::string& name, int least, int most) {
  return whole(value, name, "a whole number", least, most, 1);
}

int even_number(Napi::Value value, const std::string& name, int least, int most) {
  return whole(value, name, "an even number", least, most, 2);
}

bool first_of(Napi::Value value, const std::string& name, const char* first, const char* second) {
  const std::string given = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
  if (given != first && given != second) {
    refuse(value.Env(), name, std::string("\"") + first + "\" or \"" + second + "\"", value);
  }
  return given == first;
}

FramePtr frame(Napi::Value value, const std::string& name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  FramePtr found;
  if (is_within(number, 1, UINT32_MAX) && number == std::floor(number)) {
    found = FrameStore::instance().get(static_cast<uint32_t>(number));
  }
  if (found == nullptr) refuse(value.Env(), name, "the handle of a live frame", value);
  return found;
}

Crop crop(Napi::Value value, const std::string& name) {
  const Napi::Object box = object(value, name);
  const auto fixed = [](double pixels) { return static_cast<int64_t>(std::llround(pixels * kSubpixels)); };
  return {
      fixed(number_in(box.Get("x"), name + ".x", -kFarthest, kFarthest)),
      fixed(number_in(box.Get("y"), name + ".y", -kFarthest, kFarthest)),
      fixed(length(box.Get("width"), name + ".width")),
      fixed(length(box.Get("height"), name + ".height")),
  };
}

Rectangle rectangle(Napi::Value value, const std::string& name) {
  const Napi::Object box = object(value, name);
  return {
      even_number(box.Get("x"), name + ".x", -kFarthest, kFarthest),
      even_number(box.Get("y"), name + ".y", -kFarthest, kFarthest),
      even_number(box.Get("width"), name + ".width", 2, kFarthest),
      even_number(box.Get("height"), name + ".height", 2, kFarthest),
  };
}

}  // namespace diptych::arguments
