#pragma once

#include <gst/gst.h>

#include <memory>

#include "gst/elements.hpp"

// What `diptychsink` and `diptychsrc` have in common: a port, which they share with those who link
// and listen, and the id of their graph, by which the addon finds them.
namespace diptych {

// Number of the property `graph`, the first of either element.
constexpr guint kPropGraph = 1;

// Members of an element. GObject gives it zeroed memory and runs no constructor, so `make_parts`
// fills them and `free_parts` frees them.
template <typename Port>
struct ElementParts {
  // Never null between the element's init and finalize.
  std::shared_ptr<Port>* port;
  // Guarded by the object lock.
  gchar* graph;
};

// What a class of elements is made of.
struct ElementClass {
  const char* long_name;
  // GStreamer's classification, e.g. "Sink".
  const char* klass;
  const char* description;
  GstStaticPadTemplate* pad;
  // The members of GObjectClass of these names.
  void (*set_property)(GObject*, guint id, const GValue*, GParamSpec*);
  void (*get_property)(GObject*, guint id, GValue*, GParamSpec*);
  void (*finalize)(GObject*);
};

// Fills in a GstElementClass, with the property `graph`; for its class_init.
void describe_class(gpointer klass, const ElementClass& description);

// Sets and reads the property `graph`; setting it makes the element known to element_registry. Any
// thread; takes the object lock.
void set_graph(GstElement* element, gchar** graph, const GValue* value);
// Null where it was not set.
void get_graph(GstElement* element, gchar* const* graph, GValue* value);

// For the element's init.
template <typename Port>
void make_parts(ElementParts<Port>* parts) {
  parts->port = new std::shared_ptr<Port>(std::make_shared<Port>());
}

// For the element's finalize: nobody else refers to it any more.
template <typename Port>
void free_parts(GstElement* element, ElementParts<Port>* parts) {
  element_registry::remove(element);
  delete parts->port;
  g_free(parts->graph);
}

}  // namespace diptych
