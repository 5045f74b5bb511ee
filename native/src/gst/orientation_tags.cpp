#include "gst/orientation_tags.hpp"

#include <atomic>
#include <memory>

namespace diptych {

namespace {

// By quarters of a turn.
constexpr const char* kUpright[] = {"rotate-0", "rotate-90", "rotate-180", "rotate-270"};
constexpr const char* kMirrored[] = {"flip-rotate-0", "flip-rotate-90", "flip-rotate-180", "flip-rotate-270"};

struct Orientation {
  explicit Orientation(NalCodec coded_as) : codec(coded_as) {}
  const NalCodec codec;
  std::atomic<const char*> tag{kUpright[0]};
};
using OrientationPtr = std::shared_ptr<Orientation>;

GQuark quark() {
  static const GQuark name = g_quark_from_static_string("diptych-orientation");
  return name;
}

void free_reference(gpointer orientation) { delete static_cast<OrientationPtr*>(orientation); }

GstPadProbeReturn on_picture(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  Orientation& known = **static_cast<OrientationPtr*>(data);
  GstMapInfo map;
  if (!gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ)) return GST_PAD_PROBE_OK;
  const auto said = display_orientation(map.data, map.size, known.codec);
  gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
  if (!said) return GST_PAD_PROBE_OK;
  const char* tag = (said->is_mirrored ? kMirrored : kUpright)[said->degrees / 90];
  if (known.tag.exchange(tag) == tag) return GST_PAD_PROBE_OK;
  gst_pad_push_event(pad, gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, tag, nullptr)));
  return GST_PAD_PROBE_OK;
}

}  // namespace

const char* tag_orientation(GstElement* element, NalCodec codec) {
  if (const auto* known = static_cast<const OrientationPtr*>(g_object_get_qdata(G_OBJECT(element), quark()))) {
    return (*known)->tag;
  }
  GstPad* pad = gst_element_get_static_pad(element, "src");
  if (pad == nullptr) return kUpright[0];
  const auto orientation = std::make_shared<Orientation>(codec);
  g_object_set_qdata_full(G_OBJECT(element), quark(), new OrientationPtr(orientation), free_reference);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, new OrientationPtr(orientation), free_reference);
  gst_object_unref(pad);
  return kUpright[0];
}

}  // namespace diptych
