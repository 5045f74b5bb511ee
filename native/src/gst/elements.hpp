#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "gst/sink_port.hpp"
#include "gst/source_port.hpp"

namespace diptych {

// Gives one reference back.
struct ElementUnref {
  void operator()(GstElement* element) const { gst_object_unref(element); }
};
// Holds one reference to an element.
using ElementPtr = std::unique_ptr<GstElement, ElementUnref>;

// Types of the two elements, registered with GObject on first use.
GType diptych_sink_get_type();
GType diptych_src_get_type();

// Makes `diptychsink` and `diptychsrc` known to GStreamer in this process; once.
void register_elements();

// Null where the element is of another type.
std::shared_ptr<SinkPort> sink_port_of(GstElement* element);
// Null where the element is of another type.
std::shared_ptr<SourcePort> source_port_of(GstElement* element);
// How much may wait in the element for frames that JavaScript pushes.
GstClockTime max_queue_of(GstElement* source);
// The caps that the template gave the source, with a reference; null where it gave none.
GstCaps* fixed_caps_of(GstElement* source);
// How long a picture of these caps lasts; NONE where they do not say.
GstClockTime frame_duration(GstCaps* caps);

// The living elements of ours, by the id of their graph. Safe from any thread.
namespace element_registry {
// From now on `of_graph` finds the element by this id.
void set_graph(GstElement* element, const std::string& graph_id);
// Before the element is freed; its address may be used again afterwards.
void remove(GstElement* element);
// Those that are alive, in no order.
std::vector<ElementPtr> of_graph(const std::string& graph_id);
// Null where there is none.
ElementPtr find(const std::string& graph_id, const std::string& name);
}  // namespace element_registry

}  // namespace diptych
