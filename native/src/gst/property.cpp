#include "diptych/property.hpp"

#include <cmath>

namespace diptych {

namespace {

std::string text_of(double number) {
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];
  const bool is_whole = number == std::floor(number) && std::fabs(number) < 1e15;
  return g_ascii_formatd(text, sizeof text, is_whole ? "%.0f" : "%.17g", number);
}

bool to_gvalue(const PropertyValue& value, GParamSpec* spec, GValue* target) {
  g_value_init(target, G_PARAM_SPEC_VALUE_TYPE(spec));
  if (const bool* flag = std::get_if<bool>(&value)) {
    if (!G_VALUE_HOLDS_BOOLEAN(target)) return false;
    g_value_set_boolean(target, *flag);
    return true;
  }
  if (const double* number = std::get_if<double>(&value)) {
    if (G_VALUE_HOLDS_BOOLEAN(target) || G_VALUE_HOLDS_STRING(target)) return false;
    return gst_value_deserialize_with_pspec(target, text_of(*number).c_str(), spec);
  }
  if (const std::string* text = std::get_if<std::string>(&value)) {
    if (G_VALUE_HOLDS_STRING(target)) {
      g_value_set_string(target, text->c_str());
      return true;
    }
    return gst_value_deserialize_with_pspec(target, text->c_str(), spec);
  }
  return false;
}

// Where GStreamer has a readable form, that rather than the one for use inside of caps.
gchar* serialize(const GValue* value) {
  if (GST_VALUE_HOLDS_CAPS(value) && gst_value_get_caps(value) != nullptr) {
    return gst_caps_to_string(gst_value_get_caps(value));
  }
  if (GST_VALUE_HOLDS_STRUCTURE(value) && gst_value_get_structure(value) != nullptr) {
    return gst_structure_to_string(gst_value_get_structure(value));
  }
  return gst_value_serialize(value);
}

}  // namespace

std::string set_property(GstElement* element, const std::string& name, const PropertyValue& value) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
  if (spec == nullptr || (spec->flags & G_PARAM_WRITABLE) == 0 || (spec->flags & G_PARAM_CONSTRUCT_ONLY) != 0) {
    return "a property that can be set";
  }
  GValue converted = G_VALUE_INIT;
  const bool fits = to_gvalue(value, spec, &converted) && !g_param_value_validate(spec, &converted);
  if (fits) g_object_set_property(G_OBJECT(element), name.c_str(), &converted);
  g_value_unset(&converted);
  return fits ? "" : std::string("a value that fits ") + g_type_name(G_PARAM_SPEC_VALUE_TYPE(spec));
}

bool get_property(GstElement* element, const std::string& name, PropertyValue* value) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
  if (spec == nullptr || (spec->flags & G_PARAM_READABLE) == 0) return false;
  GValue read = G_VALUE_INIT;
  g_value_init(&read, G_PARAM_SPEC_VALUE_TYPE(spec));
  g_object_get_property(G_OBJECT(element), name.c_str(), &read);

  GValue number = G_VALUE_INIT;
  g_value_init(&number, G_TYPE_DOUBLE);
  if (G_VALUE_HOLDS_BOOLEAN(&read)) {
    *value = static_cast<bool>(g_value_get_boolean(&read));
  } else if (G_VALUE_HOLDS_STRING(&read)) {
    const gchar* text = g_value_get_string(&read);
    *value = text == nullptr ? PropertyValue() : PropertyValue(std::string(text));
  } else if (!G_VALUE_HOLDS_ENUM(&read) && !G_VALUE_HOLDS_FLAGS(&read) && g_value_transform(&read, &number)) {
    *value = g_value_get_double(&number);
  } else {
    gchar* text = serialize(&read);
    *value = text == nullptr ? PropertyValue() : PropertyValue(std::string(text));
    g_free(text);
  }
  g_value_unset(&number);
  g_value_unset(&read);
  return true;
}

}  // namespace diptych
