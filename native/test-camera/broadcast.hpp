#pragma once

#include <gst/app/gstappsrc.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "clip.hpp"

namespace test_camera {

// Plays a clip against the clock into whatever pair of appsrc is attached, as a camera does:
// the scene goes on whether anybody looks or not, and a viewer joins at a keyframe.
// One thread; the other functions may be called from any.
class Broadcast {
 public:
  struct Settings {
    bool loop;
    bool report_frames;
    double stall_after_s;
    double stall_for_s;
  };

  Broadcast(const Clip& clip, const Settings& settings);
  ~Broadcast();
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;

  // Takes a reference to each; `audio` may be null. The scene begins when the first pair runs.
  void attach(GstElement* video, GstElement* audio);
  void detach(GstElement* video);
  // Sends nothing for `seconds` from now, then goes on at a keyframe.
  void stall(double seconds);

 private:
  struct Cursor {
    size_t index = 0;
    uint64_t round = 0;
  };

  void run();
  GstClockTime round_start(uint64_t round) const { return origin_ + round * clip_.period(); }
  bool wait_until(std::unique_lock<std::mutex>& lock, GstClockTime due);
  void send(GstElement* source, const Unit& unit, GstClockTime start);
  void send_picture(const Unit& unit, uint64_t round);
  void report(const Unit& unit, uint64_t round, GstClockTime captured) const;
  void release_sources();

  const Clip& clip_;
  const Settings settings_;
  GstClock* clock_;

  std::mutex mutex_;
  std::condition_variable changed_;
  GstElement* video_ = nullptr;
  GstElement* audio_ = nullptr;
  bool at_keyframe_ = false;  // the viewers have been sent one, and everything since
  GstClockTime origin_ = GST_CLOCK_TIME_NONE;
  GstClockTime stalled_until_ = 0;
  bool ended_ = false;

  std::thread thread_;
};

}  // namespace test_camera
