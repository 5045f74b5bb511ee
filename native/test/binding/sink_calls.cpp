#include <gst/gst.h>
#include <gst/video/video.h>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>

#include "calls.hpp"
#include "gst/sink_port.hpp"

namespace diptych::test {

namespace {

// How often a port that waits looks whether its listener lives, and longer: what is held for this long is held when it looks.
constexpr std::chrono::milliseconds kLongerThanACheck{400};
constexpr std::chrono::milliseconds kBeginsToWait{100};

// So that a frame waits to be taken.
void deliver_picture(SinkPort* port) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 16, 16);
  GstCaps* caps = gst_video_info_to_caps(&info);
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
  port->deliver({buffer, caps, &info, 0, 0, 0});
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
}

// A port waits until its listener takes a frame; the listener goes, and its end holds the port's lock beyond the time at
// which the port looks. What the wait threw, or nothing.
Napi::Value lose_listener_while_waiting(const Napi::CallbackInfo& info) {
  const auto port = std::make_shared<SinkPort>();
  port->set_drop(false);
  // What the listener holds ends with it, while the port is locked.
  const auto end_slowly = [](void*) { std::this_thread::sleep_for(kLongerThanACheck); };
  port->listen([held = std::shared_ptr<void>(nullptr, end_slowly)] { return true; });
  deliver_picture(port.get());
  std::string thrown;
  std::thread waiting([&] {
    try {
      port->wait_for_room(port->unlocks().value_or(0));
    } catch (const std::exception& failure) {
      thrown = failure.what();
    }
  });
  std::this_thread::sleep_for(kBeginsToWait);
  port->listen(nullptr);
  waiting.join();
  return thrown.empty() ? info.Env().Undefined() : Napi::String::New(info.Env(), thrown);
}

}  // namespace

void register_sink_calls(Napi::Env env, Napi::Object exports) {
  exports["loseListenerWhileWaiting"] =
      Napi::Function::New<lose_listener_while_waiting>(env, "loseListenerWhileWaiting");
}

}  // namespace diptych::test
