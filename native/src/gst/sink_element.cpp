// `diptychsink`: the way out of a graph. Takes any caps; I420, NV12 and P010 pictures can be handed
// to JavaScript, everything can be linked to sources of other graphs.
#include <gst/base/gstbasesink.h>
#include <gst/video/video.h>

#include <exception>

#include "core/device_memory.hpp"
#include "gst/clock.hpp"
#include "gst/device_picture.hpp"
#include "gst/element_parts.hpp"
#include "gst/elements.hpp"
#include "gst/nvmm/nvmm.hpp"
#include "gst/sink_wait.hpp"

namespace {

struct DiptychSink {
  GstBaseSink parent;
  diptych::ElementParts<diptych::SinkPort> parts;
  // Guarded by the object lock.
  gboolean own_time;
  guint64 advance;
  // Streaming thread only.
  GstCaps* caps;
  GstVideoInfo info;
  gboolean is_picture;
  gboolean is_nvmm;
};
struct DiptychSinkClass {
  GstBaseSinkClass parent;
};

enum { PROP_DROP = diptych::kPropGraph + 1, PROP_MAX_FRAMES, PROP_MAX_HELD, PROP_OWN_TIME, PROP_ENDS_GRAPH, PROP_ADVANCE };

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE(DiptychSink, diptych_sink, GST_TYPE_BASE_SINK)

DiptychSink* self_of(gpointer object) { return reinterpret_cast<DiptychSink*>(object); }

// Time stamps of the graph as nanoseconds of the shared running time; NONE stays NONE.
GstClockTime to_shared_time(DiptychSink* self, GstClockTime time) {
  GstBaseSink* base = GST_BASE_SINK(self);
  if (!GST_CLOCK_TIME_IS_VALID(time) || base->segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  guint64 running = 0;
  const int sign = gst_segment_to_running_time_full(&base->segment, GST_FORMAT_TIME, time, &running);
  if (sign == 0) return GST_CLOCK_TIME_NONE;
  gint64 shared = sign > 0 ? static_cast<gint64>(running) : -static_cast<gint64>(running);
  GST_OBJECT_LOCK(self);
  const gboolean own_time = self->own_time;
  shared -= static_cast<gint64>(self->advance);
  GST_OBJECT_UNLOCK(self);
  // A graph fed by a live source has the shared base time already; a file starts its own.
  if (!own_time) shared += static_cast<gint64>(gst_element_get_base_time(GST_ELEMENT(self)) - diptych::shared_base_time());
  return shared > 0 ? static_cast<GstClockTime>(shared) : 0;
}

// A decoder on the GPU works on this thread: what it does may go on while another thread captures
// a CUDA graph.
void work_beside_captures(GstCaps* caps) {
  if (!gst_caps_features_contains(gst_caps_get_features(caps, 0), "memory:CUDAMemory")) return;
  diptych::DeviceMemory::current().enter_thread();
}

gboolean sink_set_caps(GstBaseSink* base, GstCaps* caps) {
  DiptychSink* self = self_of(base);
  work_beside_captures(caps);
  gst_caps_replace(&self->caps, caps);
  self->is_picture = FALSE;
  self->is_nvmm = diptych::nvmm::is_nvmm(caps);
  if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw") &&
      gst_video_info_from_caps(&self->info, caps)) {
    const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&self->info);
    self->is_picture = format == GST_VIDEO_FORMAT_I420 || format == GST_VIDEO_FORMAT_NV12 ||
                       format == GST_VIDEO_FORMAT_P010_10LE;
  }
  return TRUE;
}

GstFlowReturn sink_render(GstBaseSink* base, GstBuffer* buffer) {
  DiptychSink* self = self_of(base);
  diptych::SinkPort& port = **self->parts.port;
  diptych::SinkPort::Arrival arrival{};
  arrival.arrived = diptych::shared_now();

  const bool has_listener = port.has_listener();
  if (has_listener && !self->is_picture) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("Only I420, NV12 and P010_10LE pictures can be handed out."),
                      ("put a videoconvert and its caps before this element"));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  if (self->is_picture && has_listener) {
    if (const char* reason = diptych::why_not_on_device(self->caps, self->info, buffer)) {
      GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("%s", reason), (nullptr));
      return GST_FLOW_ERROR;
    }
  }
  const GstFlowReturn flow = diptych::wait_without_lock(
      base, &port, GST_MINI_OBJECT(buffer),
      [](diptych::SinkPort* waiting, uint64_t unlocks) { return waiting->wait_for_room(unlocks); });
  if (flow != GST_FLOW_OK) return flow;

  GstBuffer* readable = nullptr;
  if (self->is_nvmm && self->is_picture) {
    try {
      readable = diptych::nvmm::import(buffer, self->info, diptych::DeviceMemory::current());
    } catch (const std::exception& failure) {
      GST_ELEMENT_ERROR(self, RESOURCE, READ, ("A picture in memory:NVMM could not be read: %s.", failure.what()), (nullptr));
      return GST_FLOW_ERROR;
    }
  }

  arrival.buffer = readable != nullptr ? readable : buffer;
  arrival.caps = self->caps;
  arrival.info = self->is_picture ? &self->info : nullptr;
  arrival.pts = to_shared_time(self, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(arrival.pts)) arrival.pts = arrival.arrived;
  arrival.dts = to_shared_time(self, GST_BUFFER_DTS(buffer));
  port.deliver(arrival);
  if (readable != nullptr) gst_buffer_unref(readable);

  if (port.take_keyframe_request()) {
    gst_pad_push_event(GST_BASE_SINK_PAD(base), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  }
  return GST_FLOW_OK;
}

// EOS is reported only when the last frame was taken (drop=false).
GstFlowReturn sink_wait_event(GstBaseSink* base, GstEvent* event) {
  const GstFlowReturn waited = GST_BASE_SINK_CLASS(diptych_sink_parent_class)->wait_event(base, event);
  if (waited != GST_FLOW_OK || GST_EVENT_TYPE(event) != GST_EVENT_EOS) return waited;
  return diptych::wait_without_lock(
      base, (*self_of(base)->parts.port).get(), GST_MINI_OBJECT(event),
      [](diptych::SinkPort* waiting, uint64_t unlocks) { return waiting->wait_until_taken(unlocks); });
}

gboolean sink_propose_allocation(GstBaseSink*, GstQuery* query) {
  // Rows may be padded: without this, decoders copy every picture into the default layout.
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

gboolean sink_unlock(GstBaseSink* base) {
  (*self_of(base)->parts.port)->set_unlocked(true);
  return TRUE;
}

gboolean sink_unlock_stop(GstBaseSink* base) {
  (*self_of(base)->parts.port)->set_unlocked(false);
  return TRUE;
}

gboolean sink_stop(GstBaseSink* base) {
  (*self_of(base)->parts.port)->reset();
  return TRUE;
}

void sink_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  DiptychSink* self = self_of(object);
  switch (id) {
    case diptych::kPropGraph:
      diptych::set_graph(GST_ELEMENT(self), &self->parts.graph, value);
      break;
    case PROP_DROP:
      (*self->parts.port)->set_drop(g_value_get_boolean(value));
      break;
    case PROP_MAX_FRAMES:
      (*self->parts.port)->set_max_frames(g_value_get_uint(value));
      break;
    case PROP_MAX_HELD:
      (*self->parts.port)->set_max_held(g_value_get_uint(value));
      break;
    case PROP_OWN_TIME:
      GST_OBJECT_LOCK(self);
      self->own_time = g_value_get_boolean(value);
      GST_OBJECT_UNLOCK(self);
      break;
    case PROP_ADVANCE:
      GST_OBJECT_LOCK(self);
      self->advance = g_value_get_uint64(value);
      GST_OBJECT_UNLOCK(self);
      break;
    case PROP_ENDS_GRAPH:
      // A bin takes part in EOS and seeking only those children that carry this flag.
      if (g_value_get_boolean(value)) {
        GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SINK);
      } else {
        GST_OBJECT_FLAG_UNSET(self, GST_ELEMENT_FLAG_SINK);
      }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void sink_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  DiptychSink* self = self_of(object);
  switch (id) {
    case diptych::kPropGraph:
      diptych::get_graph(GST_ELEMENT(self), &self->parts.graph, value);
      break;
    case PROP_DROP:
      g_value_set_boolean(value, (*self->parts.port)->drop());
      break;
    case PROP_MAX_FRAMES:
      g_value_set_uint(value, (*self->parts.port)->max_frames());
      break;
    case PROP_MAX_HELD:
      g_value_set_uint(value, (*self->parts.port)->max_held());
      break;
    case PROP_OWN_TIME:
      GST_OBJECT_LOCK(self);
      g_value_set_boolean(value, self->own_time);
      GST_OBJECT_UNLOCK(self);
      break;
    case PROP_ADVANCE:
      GST_OBJECT_LOCK(self);
      g_value_set_uint64(value, self->advance);
      GST_OBJECT_UNLOCK(self);
      break;
    case PROP_ENDS_GRAPH:
      g_value_set_boolean(value, GST_OBJECT_FLAG_IS_SET(self, GST_ELEMENT_FLAG_SINK));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void sink_finalize(GObject* object) {
  DiptychSink* self = self_of(object);
  diptych::free_parts(GST_ELEMENT(self), &self->parts);
  gst_clear_caps(&self->caps);
  G_OBJECT_CLASS(diptych_sink_parent_class)->finalize(object);
}

void diptych_sink_class_init(DiptychSinkClass* klass) {
  diptych::describe_class(klass, {"Diptych sink", "Sink", "Hands buffers to Diptych's addon", &sink_template,
                                  sink_set_property, sink_get_property, sink_finalize});
  GObjectClass* object = G_OBJECT_CLASS(klass);
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object, PROP_DROP,
      g_param_spec_boolean("drop", "Drop", "Keep the newest frames; else the graph waits for the listener", TRUE, flags));
  g_object_class_install_property(
      object, PROP_MAX_FRAMES,
      g_param_spec_uint("max-frames", "Max frames", "Frames that may wait for the listener (drop=true)", 1, 64, 2, flags));
  g_object_class_install_property(
      object, PROP_MAX_HELD,
      g_param_spec_uint("max-held", "Max held", "Frames not yet released before the graph waits (drop=false); 0: any number",
                        0, 1024, 8, flags));
  g_object_class_install_property(
      object, PROP_OWN_TIME,
      g_param_spec_boolean("own-time", "Own time", "Give PTS from the start of this graph, not of the shared clock", FALSE,
                           flags));
  g_object_class_install_property(
      object, PROP_ENDS_GRAPH,
      g_param_spec_boolean("ends-graph", "Ends graph", "EOS of the graph waits for this; false where data may never come",
                           TRUE, flags));

  g_object_class_install_property(
      object, PROP_ADVANCE,
      g_param_spec_uint64("advance", "Advance", "Taken from all time stamps, nanoseconds: what an encoder puts before the media",
                          0, GST_SECOND, 0, flags));

  GstBaseSinkClass* base = GST_BASE_SINK_CLASS(klass);
  base->set_caps = sink_set_caps;
  base->render = sink_render;
  base->wait_event = sink_wait_event;
  base->propose_allocation = sink_propose_allocation;
  base->unlock = sink_unlock;
  base->unlock_stop = sink_unlock_stop;
  base->stop = sink_stop;
}

void diptych_sink_init(DiptychSink* self) {
  diptych::make_parts(&self->parts);
  GstBaseSink* base = GST_BASE_SINK(self);
  gst_base_sink_set_sync(base, FALSE);
  gst_base_sink_set_async_enabled(base, FALSE);
  gst_base_sink_set_qos_enabled(base, FALSE);
  gst_base_sink_set_last_sample_enabled(base, FALSE);
}

}  // namespace

namespace diptych {

GType diptych_sink_get_type() { return ::diptych_sink_get_type(); }

std::shared_ptr<SinkPort> sink_port_of(GstElement* element) {
  if (!G_TYPE_CHECK_INSTANCE_TYPE(element, diptych_sink_get_type())) return nullptr;
  return *self_of(element)->parts.port;
}

}  // namespace diptych
