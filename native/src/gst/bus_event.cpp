#include "gst/bus_event.hpp"

namespace diptych {

namespace {

std::string text_of(const gchar* text) { return text == nullptr ? "" : text; }

void read_problem(GstMessage* message, BusEvent* event) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  if (event->type == BusEvent::Type::error) {
    gst_message_parse_error(message, &error, &debug);
  } else {
    gst_message_parse_warning(message, &error, &debug);
  }
  if (error != nullptr) {
    event->domain = text_of(g_quark_to_string(error->domain));
    event->code = error->code;
    event->text = text_of(error->message);
  }
  event->debug = text_of(debug);
  g_clear_error(&error);
  g_free(debug);
}

void read_tag(const GstTagList* list, const gchar* tag, gpointer data) {
  GValue value = G_VALUE_INIT;
  if (!gst_tag_list_copy_value(&value, list, tag)) return;
  gchar* text = nullptr;
  if (G_VALUE_HOLDS_STRING(&value)) {
    text = g_value_dup_string(&value);
  } else if (!GST_VALUE_HOLDS_SAMPLE(&value)) {  // pictures and the like are no text
    text = gst_value_serialize(&value);
  }
  if (text != nullptr) static_cast<BusEvent*>(data)->tags.emplace_back(tag, text);
  g_free(text);
  g_value_unset(&value);
}

void read_tags(GstMessage* message, BusEvent* event) {
  GstTagList* list = nullptr;
  gst_message_parse_tag(message, &list);
  if (list == nullptr) return;
  gst_tag_list_foreach(list, read_tag, event);
  gst_tag_list_unref(list);
}

// A file of a `splitmuxsink`. The running times are those of the first picture, and of that after the last one.
bool read_segment(GstMessage* message, BusEvent* event) {
  const GstStructure* content = gst_message_get_structure(message);
  const bool is_complete = gst_structure_has_name(content, "splitmuxsink-fragment-closed");
  if (!is_complete && !gst_structure_has_name(content, "splitmuxsink-fragment-opened")) return false;
  event->type = BusEvent::Type::segment;
  event->location = text_of(gst_structure_get_string(content, "location"));
  event->is_complete = is_complete;
  return gst_structure_get_uint64(content, "running-time", &event->running_time) != FALSE;
}

}  // namespace

bool read_bus_message(GstMessage* message, GstObject* pipeline, BusEvent* event) {
  GstObject* source = GST_MESSAGE_SRC(message);
  event->element = source == nullptr ? "" : text_of(GST_OBJECT_NAME(source));
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      event->type = BusEvent::Type::error;
      read_problem(message, event);
      return true;
    case GST_MESSAGE_WARNING:
      event->type = BusEvent::Type::warning;
      read_problem(message, event);
      return true;
    case GST_MESSAGE_EOS:
      event->type = BusEvent::Type::eos;
      return true;
    case GST_MESSAGE_LATENCY:
      event->type = BusEvent::Type::latency;
      return true;
    case GST_MESSAGE_STATE_CHANGED: {
      if (source != pipeline) return false;
      GstState from = GST_STATE_VOID_PENDING;
      GstState to = GST_STATE_VOID_PENDING;
      gst_message_parse_state_changed(message, &from, &to, nullptr);
      event->type = BusEvent::Type::state;
      event->from = gst_element_state_get_name(from);
      event->to = gst_element_state_get_name(to);
      return true;
    }
    case GST_MESSAGE_TAG:
      event->type = BusEvent::Type::tags;
      read_tags(message, event);
      return !event->tags.empty();
    case GST_MESSAGE_ELEMENT:
      return gst_message_get_structure(message) != nullptr && read_segment(message, event);
    default:
      return false;
  }
}

}  // namespace diptych
