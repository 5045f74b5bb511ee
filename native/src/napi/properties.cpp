#include <gst/gst.h>

#include <string>
#include <variant>
#include <vector>

#include "cuda/encoder_library.hpp"
#include "gst/property.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

void set_element_property(const Napi::CallbackInfo& info) {
  const ElementPtr element = child_argument(info[0], info[1]);
  const std::string name = string_argument(info[2], "property");
  PropertyValue value;
  if (info[3].IsBoolean()) {
    value = info[3].As<Napi::Boolean>().Value();
  } else if (info[3].IsNumber()) {
    value = info[3].As<Napi::Number>().DoubleValue();
  } else {
    value = string_argument(info[3], "value");
  }
  const std::string expected = set_property(element.get(), name, value);
  if (!expected.empty()) throw wrong_argument(info.Env(), name, expected, info[3]);
}

Napi::Value get_element_property(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ElementPtr element = child_argument(info[0], info[1]);
  PropertyValue value;
  if (!get_property(element.get(), string_argument(info[2], "property"), &value)) {
    throw wrong_argument(env, "property", "a property that can be read", info[2]);
  }
  if (const bool* flag = std::get_if<bool>(&value)) return Napi::Boolean::New(env, *flag);
  if (const double* number = std::get_if<double>(&value)) return Napi::Number::New(env, *number);
  if (const std::string* text = std::get_if<std::string>(&value)) return Napi::String::New(env, *text);
  return env.Null();
}

Napi::Value element_info(const Napi::CallbackInfo& info) {
  const std::string name = string_argument(info[0], "factory");
  GstElementFactory* factory = gst_element_factory_find(name.c_str());
  Napi::Object result = Napi::Object::New(info.Env());
  result["exists"] = Napi::Boolean::New(info.Env(), factory != nullptr);
  result["rank"] =
      Napi::Number::New(info.Env(), factory == nullptr ? 0 : gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)));
  gst_clear_object(&factory);
  return result;
}

Napi::Value element_properties(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto properties = describe_properties(string_argument(info[0], "factory"));
  if (!properties) return env.Undefined();
  Napi::Array list = Napi::Array::New(env);
  for (const PropertyDescription& property : *properties) {
    Napi::Object entry = Napi::Object::New(env);
    entry["name"] = Napi::String::New(env, property.name);
    entry["type"] = Napi::String::New(env, property.type);
    entry["isWritable"] = Napi::Boolean::New(env, property.is_writable);
    if (!property.choices.empty()) {
      Napi::Array choices = Napi::Array::New(env);
      for (const std::string& choice : property.choices) choices.Set(choices.Length(), choice);
      entry["choices"] = choices;
    }
    if (property.range) {
      entry["minimum"] = Napi::Number::New(env, property.range->first);
      entry["maximum"] = Napi::Number::New(env, property.range->second);
    }
    list.Set(list.Length(), entry);
  }
  return list;
}

// An element is made of each, which loads its plugin.
Napi::Value load_elements(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray()) throw wrong_argument(info.Env(), "factories", "an array of strings", info[0]);
  const Napi::Array given = info[0].As<Napi::Array>();
  std::vector<std::string> factories;
  for (uint32_t i = 0; i < given.Length(); ++i) factories.push_back(string_argument(given.Get(i), "factories"));
  return answer_later(info.Env(), [factories] {
    cuda::leave_out_missing_encoder();
    for (const std::string& factory : factories) static_cast<void>(describe_properties(factory));
    return resolve_undefined;
  });
}

}  // namespace

void register_properties(Napi::Env env, Napi::Object exports) {
  exports["setProperty"] = Napi::Function::New<set_element_property>(env, "setProperty");
  exports["getProperty"] = Napi::Function::New<get_element_property>(env, "getProperty");
  exports["elementInfo"] = Napi::Function::New<element_info>(env, "elementInfo");
  exports["loadElements"] = Napi::Function::New<load_elements>(env, "loadElements");
  exports["elementProperties"] = Napi::Function::New<element_properties>(env, "elementProperties");
}

}  // namespace diptych
