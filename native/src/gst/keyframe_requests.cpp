#include "gst/keyframe_requests.hpp"

#include <gst/video/video.h>

#include <atomic>
#include <memory>

namespace diptych {

namespace {

using Count = std::atomic<uint64_t>;
using CountPtr = std::shared_ptr<Count>;

GQuark quark() {
  static const GQuark name = g_quark_from_static_string("diptych-keyframe-requests");
  return name;
}

void free_reference(gpointer count) { delete static_cast<CountPtr*>(count); }

GstPadProbeReturn on_event(GstPad*, GstPadProbeInfo* info, gpointer count) {
  if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) **static_cast<CountPtr*>(count) += 1;
  return GST_PAD_PROBE_OK;
}

}  // namespace

uint64_t keyframe_requests(GstElement* element) {
  if (const auto* known = static_cast<const CountPtr*>(g_object_get_qdata(G_OBJECT(element), quark()))) return **known;
  GstPad* pad = gst_element_get_static_pad(element, "src");
  if (pad == nullptr) return 0;
  const auto count = std::make_shared<Count>(0);
  g_object_set_qdata_full(G_OBJECT(element), quark(), new CountPtr(count), free_reference);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_event, new CountPtr(count), free_reference);
  gst_object_unref(pad);
  return 0;
}

}  // namespace diptych
