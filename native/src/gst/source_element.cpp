// `diptychsrc`: the way into a graph. A live source whose buffers carry the shared running time.
#include <gst/base/gstpushsrc.h>

#include "gst/element_parts.hpp"
#include "gst/elements.hpp"

namespace {

struct DiptychSrc {
  GstPushSrc parent;
  diptych::ElementParts<diptych::SourcePort> parts;
  // Guarded by the object lock.
  GstCaps* fixed_caps;
  gboolean by_clock;
  guint max_queue_ms;
  // Streaming thread only.
  GstCaps* sent_caps;
};
struct DiptychSrcClass {
  GstPushSrcClass parent;
};

enum { PROP_CAPS = diptych::kPropGraph + 1, PROP_BY_CLOCK, PROP_MAX_QUEUE_MS };

GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE(DiptychSrc, diptych_src, GST_TYPE_PUSH_SRC)

DiptychSrc* self_of(gpointer object) { return reinterpret_cast<DiptychSrc*>(object); }

GstCaps* fixed_caps(DiptychSrc* self) {
  GST_OBJECT_LOCK(self);
  GstCaps* caps = self->fixed_caps == nullptr ? nullptr : gst_caps_ref(self->fixed_caps);
  GST_OBJECT_UNLOCK(self);
  return caps;
}

bool send_caps(DiptychSrc* self, GstCaps* caps) {
  if (self->sent_caps != nullptr && gst_caps_is_equal(self->sent_caps, caps)) return true;
  gst_caps_replace(&self->sent_caps, caps);
  return gst_base_src_set_caps(GST_BASE_SRC(self), caps);
}

GstFlowReturn src_create(GstPushSrc* push, GstBuffer** out) {
  DiptychSrc* self = self_of(push);
  for (;;) {
    diptych::SourcePort::Item item;
    switch ((*self->parts.port)->take(&item)) {
      case diptych::SourcePort::Status::flushing:
        return GST_FLOW_FLUSHING;
      case diptych::SourcePort::Status::ended:
        return GST_FLOW_EOS;
      case diptych::SourcePort::Status::item:
        break;
    }
    if (item.event != nullptr) {
      gst_pad_push_event(GST_BASE_SRC_PAD(push), item.event);
      continue;
    }
    GstCaps* caps = item.caps != nullptr ? item.caps : fixed_caps(self);
    const bool agreed = caps == nullptr || send_caps(self, caps);
    gst_clear_caps(&caps);
    if (!agreed) {
      gst_buffer_unref(item.buffer);
      return GST_FLOW_NOT_NEGOTIATED;
    }
    *out = item.buffer;
    return GST_FLOW_OK;
  }
}

// Caps come with the buffers, so there is nothing to decide beforehand.
gboolean src_negotiate(GstBaseSrc*) { return TRUE; }

GstCaps* src_get_caps(GstBaseSrc* base, GstCaps* filter) {
  GstCaps* caps = fixed_caps(self_of(base));
  if (caps == nullptr) return filter != nullptr ? gst_caps_ref(filter) : gst_caps_new_any();
  if (filter == nullptr) return caps;
  GstCaps* both = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(caps);
  return both;
}

gboolean src_unlock(GstBaseSrc* base) {
  (*self_of(base)->parts.port)->set_flushing(true);
  return TRUE;
}

gboolean src_unlock_stop(GstBaseSrc* base) {
  (*self_of(base)->parts.port)->set_flushing(false);
  return TRUE;
}

gboolean src_stop(GstBaseSrc* base) {
  DiptychSrc* self = self_of(base);
  (*self->parts.port)->reset();
  gst_clear_caps(&self->sent_caps);
  return TRUE;
}

gboolean src_query(GstBaseSrc* base, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return GST_BASE_SRC_CLASS(diptych_src_parent_class)->query(base, query);
  GST_OBJECT_LOCK(base);
  const gboolean by_clock = self_of(base)->by_clock;
  GST_OBJECT_UNLOCK(base);
  gst_query_set_latency(query, by_clock, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

gboolean src_is_seekable(GstBaseSrc*) { return FALSE; }

void src_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  DiptychSrc* self = self_of(object);
  if (id == diptych::kPropGraph) {
    diptych::set_graph(GST_ELEMENT(self), &self->parts.graph, value);
    return;
  }
  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_CAPS:
      gst_caps_replace(&self->fixed_caps, const_cast<GstCaps*>(gst_value_get_caps(value)));
      break;
    case PROP_BY_CLOCK:
      self->by_clock = g_value_get_boolean(value);
      break;
    case PROP_MAX_QUEUE_MS:
      self->max_queue_ms = g_value_get_uint(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

void src_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  DiptychSrc* self = self_of(object);
  if (id == diptych::kPropGraph) {
    diptych::get_graph(GST_ELEMENT(self), &self->parts.graph, value);
    return;
  }
  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_CAPS:
      gst_value_set_caps(value, self->fixed_caps);
      break;
    case PROP_BY_CLOCK:
      g_value_set_boolean(value, self->by_clock);
      break;
    case PROP_MAX_QUEUE_MS:
      g_value_set_uint(value, self->max_queue_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

void src_finalize(GObject* object) {
  DiptychSrc* self = self_of(object);
  diptych::free_parts(GST_ELEMENT(self), &self->parts);
  gst_clear_caps(&self->fixed_caps);
  gst_clear_caps(&self->sent_caps);
  G_OBJECT_CLASS(diptych_src_parent_class)->finalize(object);
}

void diptych_src_class_init(DiptychSrcClass* klass) {
  diptych::describe_class(klass, {"Diptych source", "Source", "Takes buffers from Diptych's addon", &src_template,
                                  src_set_property, src_get_property, src_finalize});
  GObjectClass* object = G_OBJECT_CLASS(klass);
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object, PROP_CAPS,
      g_param_spec_boxed("caps", "Caps", "Caps of pushed frames; unset: made from each frame", GST_TYPE_CAPS, flags));
  g_object_class_install_property(
      object, PROP_BY_CLOCK,
      g_param_spec_boolean("by-clock", "By clock",
                           "Whether a muxer downstream goes on when the time of a buffer has come and the buffer has not; "
                           "false: it waits for every input, and takes in no more than one buffer of each",
                           TRUE, flags));
  g_object_class_install_property(
      object, PROP_MAX_QUEUE_MS,
      g_param_spec_uint("max-queue-ms", "Max queue", "How much pushed frames may wait; the oldest is dropped beyond", 0, 60000,
                        500, flags));

  GstBaseSrcClass* base = GST_BASE_SRC_CLASS(klass);
  base->negotiate = src_negotiate;
  base->get_caps = src_get_caps;
  base->unlock = src_unlock;
  base->unlock_stop = src_unlock_stop;
  base->stop = src_stop;
  base->query = src_query;
  base->is_seekable = src_is_seekable;
  GST_PUSH_SRC_CLASS(klass)->create = src_create;
}

void diptych_src_init(DiptychSrc* self) {
  diptych::make_parts(&self->parts);
  self->by_clock = TRUE;
  self->max_queue_ms = 500;
  gst_base_src_set_live(GST_BASE_SRC(self), TRUE);
  gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
}

}  // namespace

namespace diptych {

GType diptych_src_get_type() { return ::diptych_src_get_type(); }

std::shared_ptr<SourcePort> source_port_of(GstElement* element) {
  if (!G_TYPE_CHECK_INSTANCE_TYPE(element, diptych_src_get_type())) return nullptr;
  return *self_of(element)->parts.port;
}

GstClockTime max_queue_of(GstElement* source) {
  GST_OBJECT_LOCK(source);
  const guint ms = self_of(source)->max_queue_ms;
  GST_OBJECT_UNLOCK(source);
  return ms * GST_MSECOND;
}

GstCaps* fixed_caps_of(GstElement* source) { return fixed_caps(self_of(source)); }

GstClockTime frame_duration(GstCaps* caps) {
  gint numerator = 0;
  gint denominator = 1;
  if (!gst_caps_is_fixed(caps) ||
      !gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &numerator, &denominator) ||
      numerator <= 0) {
    return GST_CLOCK_TIME_NONE;
  }
  return gst_util_uint64_scale_int(GST_SECOND, denominator, numerator);
}

}  // namespace diptych
