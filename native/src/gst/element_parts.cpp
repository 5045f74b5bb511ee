#include "gst/element_parts.hpp"

namespace diptych {

void describe_class(gpointer klass, const ElementClass& description) {
  GObjectClass* object = G_OBJECT_CLASS(klass);
  object->set_property = description.set_property;
  object->get_property = description.get_property;
  object->finalize = description.finalize;
  g_object_class_install_property(
      object, kPropGraph,
      g_param_spec_string("graph", "Graph", "Id of the graph this belongs to", nullptr,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
  GstElementClass* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element, description.long_name, description.klass, description.description,
                                        "Diptych");
  gst_element_class_add_static_pad_template(element, description.pad);
}

void set_graph(GstElement* element, gchar** graph, const GValue* value) {
  GST_OBJECT_LOCK(element);
  g_free(*graph);
  *graph = g_value_dup_string(value);
  GST_OBJECT_UNLOCK(element);
  if (const char* id = g_value_get_string(value)) element_registry::set_graph(element, id);
}

void get_graph(GstElement* element, gchar* const* graph, GValue* value) {
  GST_OBJECT_LOCK(element);
  g_value_set_string(value, *graph);
  GST_OBJECT_UNLOCK(element);
}

void register_elements() {
  static const bool is_registered = [] {
    gst_element_register(nullptr, "diptychsink", GST_RANK_NONE, diptych_sink_get_type());
    gst_element_register(nullptr, "diptychsrc", GST_RANK_NONE, diptych_src_get_type());
    return true;
  }();
  static_cast<void>(is_registered);
}

}  // namespace diptych
