#include "napi/bus_message.hpp"

#include "gst/clock.hpp"

namespace diptych {

namespace {

const char* type_name(BusEvent::Type type) {
  switch (type) {
    case BusEvent::Type::error:
      return "error";
    case BusEvent::Type::warning:
      return "warning";
    case BusEvent::Type::eos:
      return "eos";
    case BusEvent::Type::latency:
      return "latency";
    case BusEvent::Type::state:
      return "state";
    case BusEvent::Type::tags:
      return "tags";
    case BusEvent::Type::segment:
      return "segment";
  }
  return "";
}

}  // namespace

Napi::Value describe_event(Napi::Env env, const BusEvent& event) {
  Napi::Object message = Napi::Object::New(env);
  message["type"] = Napi::String::New(env, type_name(event.type));
  switch (event.type) {
    case BusEvent::Type::error:
    case BusEvent::Type::warning:
      message["domain"] = Napi::String::New(env, event.domain);
      message["code"] = Napi::Number::New(env, event.code);
      message["element"] = Napi::String::New(env, event.element);
      message["text"] = Napi::String::New(env, event.text);
      message["debug"] = Napi::String::New(env, event.debug);
      break;
    case BusEvent::Type::state:
      message["from"] = Napi::String::New(env, event.from);
      message["to"] = Napi::String::New(env, event.to);
      break;
    case BusEvent::Type::tags: {
      Napi::Object tags = Napi::Object::New(env);
      for (const auto& [tag, text] : event.tags) tags[tag] = Napi::String::New(env, text);
      message["element"] = Napi::String::New(env, event.element);
      message["tags"] = tags;
      break;
    }
    case BusEvent::Type::segment:
      message["location"] = Napi::String::New(env, event.location);
      message["isComplete"] = Napi::Boolean::New(env, event.is_complete);
      message["runningTimeMs"] = Napi::Number::New(env, to_ms(event.running_time));
      break;
    case BusEvent::Type::eos:
    case BusEvent::Type::latency:
      break;
  }
  return message;
}

}  // namespace diptych
