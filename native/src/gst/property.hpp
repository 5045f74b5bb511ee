#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace diptych {

// A property's value without its GLib type; monostate is a string that is not set.
using PropertyValue = std::variant<std::monostate, bool, double, std::string>;

// Sets a property of any type that has a text form. Gives what was expected where the value does
// not fit, else an empty string.
std::string set_property(GstElement* element, const std::string& name, const PropertyValue& value);

// False where there is no such property, or it cannot be read. Numbers beyond 2^53 lose digits;
// types without a counterpart come in their text form.
bool get_property(GstElement* element, const std::string& name, PropertyValue* value);

// What an element factory says of one of its properties.
struct PropertyDescription {
  std::string name;
  // GType name, e.g. "guint".
  std::string type;
  // Whether it can be set.
  bool is_writable;
  // Nicks of an enumeration.
  std::vector<std::string> choices;
  // Of a number: minimum, maximum. 64-bit limits lose digits.
  std::optional<std::pair<double, double>> range;
};

// In alphabetical order; nothing where there is no such factory.
std::optional<std::vector<PropertyDescription>> describe_properties(const std::string& factory);

}  // namespace diptych
