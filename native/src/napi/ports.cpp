#include <gst/video/video.h>

#include <memory>

#include "core/frame_store.hpp"
#include "cuda/memory.hpp"
#include "gst/clock.hpp"
#include "gst/elements.hpp"
#include "napi/arguments.hpp"
#include "napi/graph_arguments.hpp"
#include "napi/mailbox.hpp"
#include "napi/napi.hpp"

// What enters and leaves graphs: frames of JavaScript, and links from one graph to another.
namespace diptych {

namespace {

// Frames handed out before other tasks get their turn.
constexpr unsigned kFramesPerTurn = 8;

// Gives waiting frames to JavaScript. Posts itself again rather than hold up other tasks.
void hand_out(Napi::Env env, const std::shared_ptr<Mailbox>& mailbox, const Mailbox::Callback& callback,
              const std::weak_ptr<SinkPort>& weak_port) {
  const auto port = weak_port.lock();
  if (port == nullptr) return;
  for (unsigned i = 0; i < kFramesPerTurn; ++i) {
    FramePtr frame = port->take();
    if (frame == nullptr) return;
    const uint32_t handle = FrameStore::instance().add(frame, napi_env(env));
    const bool is_given = mailbox->call(env, callback, [&] { return describe_frame(env, handle, *frame); });
    if (!is_given) {
      FrameStore::instance().release(handle);
      return;
    }
  }
  mailbox->post([=](Napi::Env env) { hand_out(env, mailbox, callback, weak_port); });
}

void on_frames(const Napi::CallbackInfo& info) {
  const auto port = sink_argument(info[0], info[1]);
  const Napi::Function on_frame = function_argument(info[2], "onFrame");
  const auto mailbox = Mailbox::of(info.Env());
  const auto callback = mailbox->keep(on_frame);
  port->listen([mailbox, callback, weak_port = std::weak_ptr<SinkPort>(port)] {
    return mailbox->post([=](Napi::Env env) { hand_out(env, mailbox, callback, weak_port); });
  });
}

void off_frames(const Napi::CallbackInfo& info) { sink_argument(info[0], info[1])->silence(); }

Napi::Value sink_stats(const Napi::CallbackInfo& info) {
  const SinkPort::Stats stats = sink_argument(info[0], info[1])->stats();
  Napi::Object result = Napi::Object::New(info.Env());
  result["received"] = Napi::Number::New(info.Env(), static_cast<double>(stats.received));
  result["dropped"] = Napi::Number::New(info.Env(), static_cast<double>(stats.dropped));
  result["bytes"] = Napi::Number::New(info.Env(), static_cast<double>(stats.bytes));
  result["keyframes"] = Napi::Number::New(info.Env(), static_cast<double>(stats.keyframes));
  if (GST_CLOCK_TIME_IS_VALID(stats.last_pts)) {
    result["lastPtsMs"] = Napi::Number::New(info.Env(), to_ms(stats.last_pts));
    result["lastArrivedMs"] = Napi::Number::New(info.Env(), to_ms(stats.last_arrived));
  }
  return result;
}

Napi::Value source_stats(const Napi::CallbackInfo& info) {
  const SourcePort::Stats stats = source_argument(info[0], info[1])->stats();
  Napi::Object result = Napi::Object::New(info.Env());
  result["pushed"] = Napi::Number::New(info.Env(), static_cast<double>(stats.pushed));
  result["bytes"] = Napi::Number::New(info.Env(), static_cast<double>(stats.bytes));
  result["dropped"] = Napi::Number::New(info.Env(), static_cast<double>(stats.dropped));
  result["queuedMs"] = Napi::Number::New(info.Env(), to_ms(stats.queued));
  result["waitedMs"] = Napi::Number::New(info.Env(), to_ms(stats.waited));
  return result;
}

GstCaps* caps_of(const VideoFrame& frame) {
  GstVideoInfo video = frame.info();
  GstCaps* caps = gst_video_info_to_caps(&video);
  if (cuda::is_memory_of_gstreamer(frame.buffer())) {
    gst_caps_set_features_simple(caps, gst_caps_features_new("memory:CUDAMemory", nullptr));
  }
  return caps;
}

void push_frame(const Napi::CallbackInfo& info) {
  const ElementPtr element = element_argument(info[0], info[1]);
  const auto port = source_argument(info[0], info[1]);
  const FramePtr frame = frame_argument(info[2], "handle");
  const double pts_ms = time_argument(info[3], "ptsMs");

  GstBuffer* buffer = share_buffer(frame->buffer());
  GST_BUFFER_PTS(buffer) = from_ms(pts_ms);
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET(buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END(buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC | GST_BUFFER_FLAG_DELTA_UNIT);

  GstCaps* caps = fixed_caps_of(element.get());
  const bool is_fixed = caps != nullptr;
  if (!is_fixed) caps = caps_of(*frame);
  GST_BUFFER_DURATION(buffer) = frame_duration(caps);
  port->offer(buffer, is_fixed ? nullptr : caps, max_queue_of(element.get()), SourcePort::Overflow::drop_oldest);
  gst_caps_unref(caps);
}

void end_source(const Napi::CallbackInfo& info) { source_argument(info[0], info[1])->end(); }

void force_key_unit(const Napi::CallbackInfo& info) {
  source_argument(info[0], info[1])
      ->send(gst_video_event_new_downstream_force_key_unit(GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                                           TRUE, 0));
}

void link(const Napi::CallbackInfo& info) {
  const auto from = link_from_argument(info[0], "from");
  const auto to = link_to_argument(info[1], "to");
  const Napi::Object options = object_argument(info[2], "options");
  const Napi::Value limit = options.Get("limit");
  const bool is_wait = !limit.IsUndefined() && string_argument(limit, "options.limit") == "wait";
  const Napi::Value drop = options.Get("drop");
  const bool is_oldest = !drop.IsUndefined() && string_argument(drop, "options.drop") == "oldest";
  const Napi::Value skip = options.Get("skipAfterMs");
  const Napi::Value advance = options.Get("advanceMs");
  const double advance_ms = advance.IsUndefined() ? 0 : signed_time_argument(advance, "options.advanceMs");
  from->link(to, {from_ms(time_argument(options.Get("maxQueueMs"), "options.maxQueueMs")),
                  boolean_argument(options.Get("startOnKeyframe"), "options.startOnKeyframe"),
                  is_wait ? SourcePort::Measure::wait : SourcePort::Measure::span,
                  is_oldest ? SourcePort::Overflow::drop_to_keyframe : SourcePort::Overflow::refuse,
                  static_cast<gint64>(advance_ms * GST_MSECOND),
                  skip.IsUndefined() ? GST_CLOCK_TIME_NONE : from_ms(time_argument(skip, "options.skipAfterMs"))});
}

void hold(const Napi::CallbackInfo& info) { link_from_argument(info[0], "from")->hold(); }

void push_bytes(const Napi::CallbackInfo& info) {
  const ElementPtr element = element_argument(info[0], info[1]);
  const auto port = source_argument(info[0], info[1]);
  if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw wrong_argument(info.Env(), "bytes", "a Uint8Array", info[2]);
  }
  const auto bytes = info[2].As<Napi::Uint8Array>();
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  GstClockTime dts = GST_CLOCK_TIME_NONE;
  if (!info[3].IsUndefined()) {
    const Napi::Object times = object_argument(info[3], "times");
    pts = from_ms(time_argument(times.Get("ptsMs"), "times.ptsMs"));
    const Napi::Value dts_ms = times.Get("dtsMs");
    if (!dts_ms.IsUndefined()) dts = from_ms(time_argument(dts_ms, "times.dtsMs"));
  }
  GstBuffer* buffer = gst_buffer_new_memdup(bytes.Data(), bytes.ByteLength());
  GST_BUFFER_PTS(buffer) = pts;
  GST_BUFFER_DTS(buffer) = dts;
  port->offer(buffer, nullptr, max_queue_of(element.get()), SourcePort::Overflow::drop_oldest);
}

void move_links(const Napi::CallbackInfo& info) {
  const auto from = link_from_argument(info[0], "from");
  const auto to = link_from_argument(info[1], "to");
  from->move_links(to.get());
}

}  // namespace

void register_ports(Napi::Env env, Napi::Object exports) {
  exports["onFrames"] = Napi::Function::New<on_frames>(env, "onFrames");
  exports["offFrames"] = Napi::Function::New<off_frames>(env, "offFrames");
  exports["sinkStats"] = Napi::Function::New<sink_stats>(env, "sinkStats");
  exports["pushFrame"] = Napi::Function::New<push_frame>(env, "pushFrame");
  exports["endSource"] = Napi::Function::New<end_source>(env, "endSource");
  exports["forceKeyUnit"] = Napi::Function::New<force_key_unit>(env, "forceKeyUnit");
  exports["sourceStats"] = Napi::Function::New<source_stats>(env, "sourceStats");
  exports["link"] = Napi::Function::New<link>(env, "link");
  exports["hold"] = Napi::Function::New<hold>(env, "hold");
  exports["pushBytes"] = Napi::Function::New<push_bytes>(env, "pushBytes");
  exports["moveLinks"] = Napi::Function::New<move_links>(env, "moveLinks");
}

}  // namespace diptych
