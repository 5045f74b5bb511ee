#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

namespace test_camera {

// One encoded access unit (video) or packet (audio), in the order it is sent.
struct Unit {
  GstBuffer* buffer;      // owned by the Clip
  GstClockTime capture;   // when the camera would have seen it: offset from the start of the clip
  GstClockTime send;      // when the encoder would have let it go; never before `capture`
  bool keyframe;
  unsigned frame;         // video: place in display order, from 0
};

struct Stream {
  GstCaps* caps = nullptr;  // owned by the Clip
  std::vector<Unit> units;
  bool empty() const { return units.empty(); }
};

// A media file taken apart once and kept in memory, cut so that its end joins its beginning.
class Clip {
 public:
  // Throws std::runtime_error where the file cannot be read or holds no H.264/H.265 picture.
  explicit Clip(const std::string& path);
  ~Clip();
  Clip(const Clip&) = delete;
  Clip& operator=(const Clip&) = delete;

  const Stream& video() const { return video_; }
  const Stream& audio() const { return audio_; }
  // Length of one round, set by the pictures: number of frames times their distance.
  GstClockTime period() const { return period_; }

 private:
  void finish_video();
  void finish_audio();

  Stream video_;
  Stream audio_;
  GstClockTime period_ = 0;
  GstClockTime video_start_ = 0;
};

}  // namespace test_camera
