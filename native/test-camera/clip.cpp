#include "clip.hpp"

#include <gst/app/gstappsink.h>

#include <algorithm>
#include <stdexcept>

namespace test_camera {
namespace {

constexpr GstClockTime kPcmPacket = 20 * GST_MSECOND;
constexpr GstClockTime kOpusQuantum = 2500 * GST_USECOND;
constexpr guint64 kAacSamples = 1024;

// What is wanted of each kind of stream before it is kept: the form its payloader takes.
std::string tail_for(const GstStructure* kind) {
  const std::string name = gst_structure_get_name(kind);
  const std::string annex_b = ",stream-format=byte-stream,alignment=au";
  if (name == "video/x-h264") return "h264parse config-interval=-1 ! video/x-h264" + annex_b;
  if (name == "video/x-h265") return "h265parse config-interval=-1 ! video/x-h265" + annex_b;
  if (name == "audio/mpeg") return "aacparse ! audio/mpeg,mpegversion=4,stream-format=raw";
  if (name == "audio/x-opus") return "opusparse";
  if (name == "audio/x-mulaw" || name == "audio/x-alaw") return "identity";
  if (name == "audio/x-raw") return "audioconvert ! audio/x-raw,format=S16BE";
  return "";
}

struct Collector {
  GstElement* pipeline;
  Stream* video;
  Stream* audio;
};

// Buffers keep their place in the clip's running time, so that edit lists are honoured.
GstFlowReturn on_sample(GstAppSink* sink, gpointer data) {
  auto* stream = static_cast<Stream*>(data);
  GstSample* sample = gst_app_sink_pull_sample(sink);
  if (sample == nullptr) return GST_FLOW_EOS;
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  const GstSegment* segment = gst_sample_get_segment(sample);
  if (stream->caps == nullptr) stream->caps = gst_caps_ref(gst_sample_get_caps(sample));

  guint64 position = 0;
  const bool timed = GST_BUFFER_PTS_IS_VALID(buffer) &&
                     gst_segment_to_running_time_full(segment, GST_FORMAT_TIME,
                                                      GST_BUFFER_PTS(buffer), &position) > 0;
  if (timed) {  // what lies before the clip's beginning is an encoder's priming
    const bool keyframe = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    stream->units.push_back({gst_buffer_ref(buffer), position, position, keyframe, 0});
  }
  gst_sample_unref(sample);
  return GST_FLOW_OK;
}

void on_pad(GstElement*, GstPad* pad, gpointer data) {
  auto* collector = static_cast<Collector*>(data);
  GstCaps* caps = gst_pad_get_current_caps(pad);
  if (caps == nullptr) caps = gst_pad_query_caps(pad, nullptr);
  const GstStructure* kind = gst_caps_get_structure(caps, 0);
  const bool is_video = g_str_has_prefix(gst_structure_get_name(kind), "video/");
  Stream* stream = is_video ? collector->video : collector->audio;
  std::string tail = tail_for(kind);
  const bool wanted = !tail.empty() && g_object_get_data(G_OBJECT(collector->pipeline),
                                                         is_video ? "video" : "audio") == nullptr;
  gst_caps_unref(caps);
  tail = wanted ? tail + " ! appsink name=out sync=false async=false" : "fakesink sync=false async=false";

  GError* error = nullptr;
  GstElement* bin = gst_parse_bin_from_description(tail.c_str(), TRUE, &error);
  if (bin == nullptr) {
    GST_ELEMENT_ERROR(collector->pipeline, CORE, MISSING_PLUGIN, ("%s", error->message), (nullptr));
    g_error_free(error);
    return;
  }
  if (wanted) {
    g_object_set_data(G_OBJECT(collector->pipeline), is_video ? "video" : "audio", stream);
    GstElement* sink = gst_bin_get_by_name(GST_BIN(bin), "out");
    GstAppSinkCallbacks callbacks = {};
    callbacks.new_sample = on_sample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, stream, nullptr);
    gst_object_unref(sink);
  }
  gst_bin_add(GST_BIN(collector->pipeline), bin);
  GstPad* sink_pad = gst_element_get_static_pad(bin, "sink");
  gst_pad_link(pad, sink_pad);
  gst_object_unref(sink_pad);
  gst_element_sync_state_with_parent(bin);
}

// Raw and companded audio comes in blocks of any length; a camera sends even small packets.
std::vector<Unit> cut_pcm(const std::vector<Unit>& blocks, const GstStructure* kind) {
  int rate = 8000;
  int channels = 1;
  gst_structure_get_int(kind, "rate", &rate);
  gst_structure_get_int(kind, "channels", &channels);
  const size_t sample_bytes = gst_structure_has_name(kind, "audio/x-raw") ? 2 : 1;
  const size_t packet_bytes =
      gst_util_uint64_scale(rate, kPcmPacket, GST_SECOND) * channels * sample_bytes;

  GstBuffer* all = gst_buffer_new();
  for (const Unit& block : blocks) all = gst_buffer_append(all, block.buffer);
  std::vector<Unit> packets;
  const size_t total = gst_buffer_get_size(all);
  for (size_t at = 0; at + packet_bytes <= total; at += packet_bytes) {
    const GstClockTime time = packets.size() * kPcmPacket;
    GstBuffer* packet = gst_buffer_copy_region(all, GST_BUFFER_COPY_MEMORY, at, packet_bytes);
    packets.push_back({packet, time, time, true, 0});
  }
  gst_buffer_unref(all);
  return packets;
}

// Time stamps in files are rounded; the lengths that packets can have are known.
GstClockTime packet_length(const std::vector<Unit>& packets, const GstStructure* kind) {
  if (gst_structure_has_name(kind, "audio/mpeg")) {
    int rate = 48000;
    gst_structure_get_int(kind, "rate", &rate);
    return gst_util_uint64_scale_round(GST_SECOND, kAacSamples, rate);
  }
  if (!gst_structure_has_name(kind, "audio/x-opus") || packets.size() < 3) return kPcmPacket;
  const GstClockTime span = packets.back().capture - packets[1].capture;
  return kOpusQuantum * gst_util_uint64_scale_round(span, 1, (packets.size() - 2) * kOpusQuantum);
}

}  // namespace

Clip::Clip(const std::string& path) {
  GstElement* pipeline = gst_pipeline_new("loader");
  GstElement* source = gst_element_factory_make("filesrc", nullptr);
  GstElement* parse = gst_element_factory_make("parsebin", nullptr);
  if (source == nullptr || parse == nullptr) throw std::runtime_error("GStreamer's base plugins are missing");
  g_object_set(source, "location", path.c_str(), nullptr);
  gst_bin_add_many(GST_BIN(pipeline), source, parse, nullptr);
  gst_element_link(source, parse);
  Collector collector{pipeline, &video_, &audio_};
  g_signal_connect(parse, "pad-added", G_CALLBACK(on_pad), &collector);

  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  std::string problem;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    problem = error->message;
    g_error_free(error);
  }
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  if (!problem.empty()) throw std::runtime_error(path + ": " + problem);
  if (video_.units.size() < 2) throw std::runtime_error(path + ": no H.264 or H.265 video in it");
  finish_video();
  finish_audio();
}

// Numbers the pictures, and puts their sending times on an even grid in coding order, late
// enough that none leaves before it was seen (B-pictures make an encoder wait).
void Clip::finish_video() {
  std::vector<GstClockTime> shown;
  for (const Unit& unit : video_.units) shown.push_back(unit.capture);
  std::sort(shown.begin(), shown.end());
  const size_t count = shown.size();
  video_start_ = shown.front();
  int fps_n = 0;
  int fps_d = 1;
  gst_structure_get_fraction(gst_caps_get_structure(video_.caps, 0), "framerate", &fps_n, &fps_d);
  period_ = fps_n > 0 ? gst_util_uint64_scale_round(count * GST_SECOND, fps_d, fps_n)
                      : gst_util_uint64_scale_round(shown.back() - shown.front(), count, count - 1);

  GstClockTime delay = 0;
  for (size_t i = 0; i < count; i++) {
    Unit& unit = video_.units[i];
    const auto place = std::lower_bound(shown.begin(), shown.end(), unit.capture) - shown.begin();
    unit.frame = static_cast<unsigned>(place);
    unit.capture = gst_util_uint64_scale_round(period_, unit.frame, count);
    unit.send = gst_util_uint64_scale_round(period_, i, count);
    if (unit.capture > unit.send) delay = std::max(delay, unit.capture - unit.send);
  }
  for (Unit& unit : video_.units) unit.send += delay;
}

// Sound goes round with the pictures, on an even grid of its own. Left out is what lies before
// the first picture (an encoder's priming) and what would overlap the next round.
void Clip::finish_audio() {
  if (audio_.empty()) return;
  const GstStructure* kind = gst_caps_get_structure(audio_.caps, 0);
  const std::string name = gst_structure_get_name(kind);
  auto& units = audio_.units;
  if (name == "audio/x-raw" || name == "audio/x-mulaw" || name == "audio/x-alaw") units = cut_pcm(units, kind);
  const GstClockTime step = packet_length(units, kind);
  const size_t fitting = gst_util_uint64_scale_round(period_, 1, step);
  const auto drop = [&units](size_t index) {
    gst_buffer_unref(units[index].buffer);
    units.erase(units.begin() + static_cast<std::ptrdiff_t>(index));
  };
  while (!units.empty() && units.front().capture + step / 2 < video_start_) drop(0);
  while (units.size() > fitting) drop(units.size() - 1);
  for (size_t i = 0; i < units.size(); i++) units[i].capture = units[i].send = i * step;
}

Clip::~Clip() {
  for (Stream* stream : {&video_, &audio_}) {
    for (const Unit& unit : stream->units) gst_buffer_unref(unit.buffer);
    if (stream->caps != nullptr) gst_caps_unref(stream->caps);
  }
}

}  // namespace test_camera
