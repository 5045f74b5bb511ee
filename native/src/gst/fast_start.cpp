#include "gst/fast_start.hpp"

#include <string>

namespace diptych {

namespace {

constexpr const char* kProperty = "faststart-min-packets";

bool is_jitter_buffer(GstElement* element) {
  GstElementFactory* factory = gst_element_get_factory(element);
  return factory != nullptr && std::string(GST_OBJECT_NAME(factory)) == "rtpjitterbuffer" &&
         g_object_class_find_property(G_OBJECT_GET_CLASS(element), kProperty) != nullptr;
}

}  // namespace

void start_after_packets(GstBin* bin, guint packets) {
  g_signal_connect(bin, "deep-element-added",
                   G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer data) {
                     if (is_jitter_buffer(element)) g_object_set(element, kProperty, GPOINTER_TO_UINT(data), nullptr);
                   }),
                   GUINT_TO_POINTER(packets));
}

}  // namespace diptych
