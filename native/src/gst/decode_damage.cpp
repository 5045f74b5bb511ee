#include "gst/decode_damage.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

namespace diptych {

namespace {

struct Damage {
  std::atomic<uint64_t> pictures{0};
  // Of the decoder's streaming thread: the picture that it decodes is counted already.
  bool is_counted = false;
};
using DamagePtr = std::shared_ptr<Damage>;

// Of the decoder whose streaming thread this is.
thread_local DamagePtr current;

GQuark quark() {
  static const GQuark name = g_quark_from_static_string("diptych-decode-damage");
  return name;
}

void free_reference(gpointer damage) { delete static_cast<DamagePtr*>(damage); }

bool starts_with(const char* text, const char* prefix) { return std::strncmp(text, prefix, std::strlen(prefix)) == 0; }

// libav's own messages, and what GST_VIDEO_DECODER_ERROR writes.
bool is_decoding_error(GstDebugCategory* category, GstDebugLevel level, GstDebugMessage* message) {
  const char* name = gst_debug_category_get_name(category);
  if (std::strcmp(name, "libav") == 0) {
    return level <= GST_LEVEL_ERROR || starts_with(gst_debug_message_get(message), "concealing ");
  }
  return std::strcmp(name, "videodecoder") == 0 && starts_with(gst_debug_message_get(message), "error: ");
}

void on_log(GstDebugCategory* category, GstDebugLevel level, const gchar*, const gchar*, gint, GObject*,
            GstDebugMessage* message, gpointer) {
  if (current == nullptr || current->is_counted || !is_decoding_error(category, level, message)) return;
  current->is_counted = true;
  ++current->pictures;
}

void read_log() {
  gst_debug_add_log_function(on_log, nullptr, nullptr);
  // Who asked GStreamer for a log gets it, as they asked for it.
  if (std::getenv("GST_DEBUG") != nullptr) return;
  gst_debug_remove_log_function(gst_debug_log_default);
  gst_debug_set_threshold_for_name("libav", GST_LEVEL_INFO);
  gst_debug_set_threshold_for_name("videodecoder", GST_LEVEL_WARNING);
}

GstPadProbeReturn on_picture(GstPad*, GstPadProbeInfo*, gpointer damage) {
  current = *static_cast<DamagePtr*>(damage);
  current->is_counted = false;
  return GST_PAD_PROBE_OK;
}

}  // namespace

uint64_t damaged_pictures(GstElement* decoder) {
  static std::once_flag once;
  std::call_once(once, read_log);
  if (const auto* known = static_cast<const DamagePtr*>(g_object_get_qdata(G_OBJECT(decoder), quark()))) {
    return (*known)->pictures;
  }
  GstPad* pad = gst_element_get_static_pad(decoder, "sink");
  if (pad == nullptr) return 0;
  const auto damage = std::make_shared<Damage>();
  g_object_set_qdata_full(G_OBJECT(decoder), quark(), new DamagePtr(damage), free_reference);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, new DamagePtr(damage), free_reference);
  gst_object_unref(pad);
  return 0;
}

}  // namespace diptych
