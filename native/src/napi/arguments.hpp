#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

#include "diptych/compose.hpp"
#include "diptych/frame_store.hpp"

namespace diptych::arguments {

// Checks of what comes from JavaScript. Each throws TypeError with one sentence:
// name, what was expected, what came.

[[noreturn]] void refuse(Napi::Env env, const std::string& name, const std::string& expected,
                         Napi::Value got);

Napi::Object object(Napi::Value value, const std::string& name);
double number(Napi::Value value, const std::string& name);
double number_in(Napi::Value value, const std::string& name, int least, int most);
int whole_number(Napi::Value value, const std::string& name, int least, int most);
int even_number(Napi::Value value, const std::string& name, int least, int most);
// Whether the value is the first of the two strings.
bool first_of(Napi::Value value, const std::string& name, const char* first, const char* second);
FramePtr frame(Napi::Value value, const std::string& name);
// A box of finite numbers with a width and a height > 0, within ±32768 pixels.
Crop crop(Napi::Value value, const std::string& name);
// A box of even numbers with a width and a height ≥ 2, within ±32768 pixels.
Rectangle rectangle(Napi::Value value, const std::string& name);

}  // namespace diptych::arguments
