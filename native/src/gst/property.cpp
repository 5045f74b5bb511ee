#include "gst/property.hpp"

#include <algorithm>
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

template <typename Spec>
std::pair<double, double> range_of(const Spec* spec) {
  return {static_cast<double>(spec->minimum), static_cast<double>(spec->maximum)};
}

std::optional<std::pair<double, double>> range_of(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_INT(spec)) return range_of(G_PARAM_SPEC_INT(spec));
  if (G_IS_PARAM_SPEC_UINT(spec)) return range_of(G_PARAM_SPEC_UINT(spec));
  if (G_IS_PARAM_SPEC_INT64(spec)) return range_of(G_PARAM_SPEC_INT64(spec));
  if (G_IS_PARAM_SPEC_UINT64(spec)) return range_of(G_PARAM_SPEC_UINT64(spec));
  if (G_IS_PARAM_SPEC_LONG(spec)) return range_of(G_PARAM_SPEC_LONG(spec));
  if (G_IS_PARAM_SPEC_ULONG(spec)) return range_of(G_PARAM_SPEC_ULONG(spec));
  if (G_IS_PARAM_SPEC_FLOAT(spec)) return range_of(G_PARAM_SPEC_FLOAT(spec));
  if (G_IS_PARAM_SPEC_DOUBLE(spec)) return range_of(G_PARAM_SPEC_DOUBLE(spec));
  return std::nullopt;
}

PropertyDescription describe(GParamSpec* spec) {
  PropertyDescription description{};
  description.name = spec->name;
  description.type = g_type_name(G_PARAM_SPEC_VALUE_TYPE(spec));
  description.is_writable = (spec->flags & G_PARAM_WRITABLE) != 0;
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumClass* choices = G_PARAM_SPEC_ENUM(spec)->enum_class;
    for (guint i = 0; i < choices->n_values; ++i) description.choices.push_back(choices->values[i].value_nick);
  }
  description.range = range_of(spec);
  return description;
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

std::optional<std::vector<PropertyDescription>> describe_properties(const std::string& factory) {
  GstElementFactory* found = gst_element_factory_find(factory.c_str());
  if (found == nullptr) return std::nullopt;
  // A factory knows the type of its elements once its plugin is loaded.
  GstPluginFeature* loaded = gst_plugin_feature_load(GST_PLUGIN_FEATURE(found));
  gst_object_unref(found);
  if (loaded == nullptr) return std::nullopt;
  auto* type = static_cast<GObjectClass*>(g_type_class_ref(gst_element_factory_get_element_type(GST_ELEMENT_FACTORY(loaded))));
  std::vector<PropertyDescription> descriptions;
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(type, &count);
  for (guint i = 0; i < count; ++i) descriptions.push_back(describe(specs[i]));
  g_free(specs);
  g_type_class_unref(type);
  gst_object_unref(loaded);
  std::sort(descriptions.begin(), descriptions.end(),
            [](const PropertyDescription& a, const PropertyDescription& b) { return a.name < b.name; });
  return descriptions;
}

}  // namespace diptych
