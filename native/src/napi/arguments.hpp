#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "core/frame_store.hpp"

namespace diptych {

// Checks of what JavaScript passed. Each throws a TypeError of one sentence: the name, what was
// expected, what came.

// Bytes of a value in a message.
constexpr size_t kLongestShown = 200;

inline Napi::TypeError wrong_argument(Napi::Env env, const std::string& name, const std::string& expected,
                                      Napi::Value got) {
  std::string shown;
  if (got.IsString()) {
    shown = '"' + got.As<Napi::String>().Utf8Value() + '"';
  } else if (got.IsObject()) {
    shown = got.IsArray() ? "an array" : got.IsFunction() ? "a function" : "an object";
  } else {
    // A symbol has no text, and asking for it would throw another error.
    shown = got.IsSymbol() ? "a symbol" : got.ToString().Utf8Value();
  }
  if (shown.size() > kLongestShown) shown = shown.substr(0, kLongestShown) + "...";
  return Napi::TypeError::New(env, name + ": expected " + expected + ", got " + shown);
}

// Any string.
inline std::string string_argument(Napi::Value value, const std::string& name) {
  if (!value.IsString()) throw wrong_argument(value.Env(), name, "a string", value);
  return value.As<Napi::String>().Utf8Value();
}

// `options.NAME`; empty where it is not given.
inline std::string optional_string(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  return value.IsUndefined() ? std::string() : string_argument(value, std::string("options.") + name);
}

// Any function.
inline Napi::Function function_argument(Napi::Value value, const std::string& name) {
  if (!value.IsFunction()) throw wrong_argument(value.Env(), name, "a function", value);
  return value.As<Napi::Function>();
}

// Any object.
inline Napi::Object object_argument(Napi::Value value, const std::string& name) {
  if (!value.IsObject()) throw wrong_argument(value.Env(), name, "an object", value);
  return value.As<Napi::Object>();
}

// True or false.
inline bool boolean_argument(Napi::Value value, const std::string& name) {
  if (!value.IsBoolean()) throw wrong_argument(value.Env(), name, "a boolean", value);
  return value.As<Napi::Boolean>().Value();
}

// A finite number, 0 or more.
inline double number_argument(Napi::Value value, const std::string& name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!std::isfinite(number) || number < 0) throw wrong_argument(value.Env(), name, "a number of 0 or more", value);
  return number;
}

// The longest time in milliseconds that nanoseconds in 64 bits hold with room to add to it: 31 years.
constexpr double kLongestMs = 1e12;

// A span of time in milliseconds, of either sign.
inline double signed_time_argument(Napi::Value value, const std::string& name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : kLongestMs * 2;
  if (!(number >= -kLongestMs && number <= kLongestMs)) {
    throw wrong_argument(value.Env(), name, "a number from -1e12 to 1e12", value);
  }
  return number;
}

// A time in milliseconds, 0 or more.
inline double time_argument(Napi::Value value, const std::string& name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= kLongestMs)) {
    throw wrong_argument(value.Env(), name, "a number of 0 or more, at most 1e12", value);
  }
  return number;
}

// A whole number from `least` to `most`.
inline uint32_t whole_argument(Napi::Value value, const std::string& name, uint32_t least, uint32_t most) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= least && number <= most) || number != std::floor(number)) {
    throw wrong_argument(value.Env(), name,
                         "a whole number from " + std::to_string(least) + " to " + std::to_string(most), value);
  }
  return static_cast<uint32_t>(number);
}

// The frame that a living handle stands for.
inline FramePtr frame_argument(Napi::Value value, const std::string& name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  FramePtr frame;
  if (number >= 1 && number <= UINT32_MAX) frame = FrameStore::instance().get(static_cast<uint32_t>(number));
  if (frame == nullptr) throw wrong_argument(value.Env(), name, "the handle of a living frame", value);
  return frame;
}

}  // namespace diptych
