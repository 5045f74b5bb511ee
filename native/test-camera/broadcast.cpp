#include "broadcast.hpp"

#include <chrono>
#include <cinttypes>
#include <cstdio>

namespace test_camera {
namespace {

// What a viewer that does not read may leave waiting before it misses pictures.
constexpr GstClockTime kMaxBacklog = GST_SECOND;

GstClockTime from_seconds(double seconds) {
  return static_cast<GstClockTime>(seconds * static_cast<double>(GST_SECOND));
}

bool is_running(GstElement* source) {
  return source != nullptr && GST_STATE(source) == GST_STATE_PLAYING;
}

GstClockTime backlog(GstElement* source) {
  guint64 time = 0;
  g_object_get(source, "current-level-time", &time, nullptr);
  return time;
}

}  // namespace

Broadcast::Broadcast(const Clip& clip, const Settings& settings)
    : clip_(clip), settings_(settings), clock_(gst_system_clock_obtain()) {
  thread_ = std::thread([this] { run(); });
}

Broadcast::~Broadcast() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  release_sources();
  gst_object_unref(clock_);
}

void Broadcast::attach(GstElement* video, GstElement* audio) {
  std::lock_guard<std::mutex> lock(mutex_);
  release_sources();
  video_ = GST_ELEMENT(gst_object_ref(video));
  audio_ = audio == nullptr ? nullptr : GST_ELEMENT(gst_object_ref(audio));
  at_keyframe_ = false;
  changed_.notify_all();
}

void Broadcast::detach(GstElement* video) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (video_ == video) release_sources();
}

void Broadcast::release_sources() {
  if (video_ != nullptr) gst_object_unref(video_);
  if (audio_ != nullptr) gst_object_unref(audio_);
  video_ = nullptr;
  audio_ = nullptr;
}

void Broadcast::stall(double seconds) {
  std::lock_guard<std::mutex> lock(mutex_);
  stalled_until_ = gst_clock_get_time(clock_) + from_seconds(seconds);
}

// False when the broadcast ends first.
bool Broadcast::wait_until(std::unique_lock<std::mutex>& lock, GstClockTime due) {
  while (!ended_) {
    const GstClockTime now = gst_clock_get_time(clock_);
    if (now >= due) return true;
    changed_.wait_for(lock, std::chrono::nanoseconds(due - now));
  }
  return false;
}

void Broadcast::run() {
  using namespace std::chrono_literals;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_ && !is_running(video_)) {
    changed_.wait(lock, [this] { return ended_ || video_ != nullptr; });
    changed_.wait_for(lock, 2ms);
  }
  origin_ = gst_clock_get_time(clock_);
  GstClockTime stall_at =
      settings_.stall_after_s < 0 ? GST_CLOCK_TIME_NONE : origin_ + from_seconds(settings_.stall_after_s);

  Cursor video;
  Cursor audio;
  const auto& pictures = clip_.video().units;
  const auto& packets = clip_.audio().units;
  const auto advance = [](Cursor& cursor, size_t count) {
    if (++cursor.index == count) cursor = {0, cursor.round + 1};
  };
  while (settings_.loop || video.round == 0) {
    const GstClockTime next_picture = round_start(video.round) + pictures[video.index].send;
    const GstClockTime next_packet =
        packets.empty() ? GST_CLOCK_TIME_NONE : round_start(audio.round) + packets[audio.index].send;
    const bool is_picture = next_picture <= next_packet;
    const GstClockTime due = is_picture ? next_picture : next_packet;
    if (!wait_until(lock, due)) return;

    if (due >= stall_at) {
      stalled_until_ = due + from_seconds(settings_.stall_for_s);
      stall_at = GST_CLOCK_TIME_NONE;
    }
    const bool is_stalled = due < stalled_until_;
    if (is_stalled) at_keyframe_ = false;
    if (is_picture) {
      if (!is_stalled && is_running(video_)) send_picture(pictures[video.index], video.round);
      advance(video, pictures.size());
    } else {
      if (!is_stalled && is_running(audio_) && backlog(audio_) < kMaxBacklog) {
        send(audio_, packets[audio.index], round_start(audio.round));
      }
      advance(audio, packets.size());
    }
  }
  for (GstElement* source : {video_, audio_}) {
    if (source != nullptr) gst_app_src_end_of_stream(GST_APP_SRC(source));
  }
}

void Broadcast::send_picture(const Unit& unit, uint64_t round) {
  const GstClockTime captured = round_start(round) + unit.capture;
  const bool is_late = backlog(video_) >= kMaxBacklog;
  if (is_late) at_keyframe_ = false;
  if (!at_keyframe_) {
    const bool can_begin = unit.keyframe && !is_late && captured >= gst_element_get_base_time(video_);
    if (!can_begin) return;
    at_keyframe_ = true;
  }
  send(video_, unit, round_start(round));
  if (settings_.report_frames) report(unit, round, captured);
}

void Broadcast::send(GstElement* source, const Unit& unit, GstClockTime start) {
  const GstClockTime base = gst_element_get_base_time(source);
  const GstClockTime captured = start + unit.capture;
  if (captured < base) return;
  GstBuffer* buffer = gst_buffer_copy(unit.buffer);
  GST_BUFFER_PTS(buffer) = captured - base;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer) = GST_CLOCK_TIME_NONE;
  gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
}

void Broadcast::report(const Unit& unit, uint64_t round, GstClockTime captured) const {
  const double wall_ms = static_cast<double>(g_get_real_time()) / 1000;
  const GstClockTime now = gst_clock_get_time(clock_);
  const double age_ms = static_cast<double>(GST_CLOCK_DIFF(captured, now)) / GST_MSECOND;
  std::printf("{\"frame\":%u,\"round\":%" PRIu64 ",\"wallMs\":%.3f,\"captureWallMs\":%.3f}\n",
              unit.frame, round, wall_ms, wall_ms - age_ms);
  std::fflush(stdout);
}

}  // namespace test_camera
