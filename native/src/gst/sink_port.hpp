#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/frame_store.hpp"
#include "gst/source_port.hpp"

namespace diptych {

// What leaves a graph through its `diptychsink`: frames to a listener, and every buffer to the
// sources of other graphs that are linked to it.
class SinkPort : public std::enable_shared_from_this<SinkPort> {
 public:
  SinkPort() = default;
  ~SinkPort();
  SinkPort(const SinkPort&) = delete;
  SinkPort& operator=(const SinkPort&) = delete;

  // Since the element was made: buffers that came, buffers that nobody took in time, bytes, and those
  // that depend on no other (of encoded video the keyframes).
  struct Stats {
    uint64_t received;
    uint64_t dropped;
    uint64_t bytes;
    uint64_t keyframes;
    // Of the newest buffer; NONE before the first.
    GstClockTime last_pts;
    GstClockTime last_arrived;
  };
  // How much may wait in the source, whether encoded video begins with its next keyframe, what counts as waiting, what
  // a full queue does with encoded video (refuses what comes, or drops what waits before its newest keyframe), how
  // much is taken from all time stamps, nanoseconds, and for how long the oldest may wait when a keyframe of encoded
  // video comes before all that waits is dropped (NONE: as long as it likes).
  struct LinkOptions {
    GstClockTime max_queue;
    bool start_on_keyframe;
    SourcePort::Measure measure = SourcePort::Measure::span;
    SourcePort::Overflow overflow = SourcePort::Overflow::refuse;
    gint64 advance = 0;
    GstClockTime skip_after = GST_CLOCK_TIME_NONE;
  };
  // Times in nanoseconds of the shared running time.
  struct Arrival {
    GstBuffer* buffer;
    GstCaps* caps;
    // Null where the caps are not a picture that can be handed out.
    const GstVideoInfo* info;
    GstClockTime pts;
    GstClockTime dts;
    GstClockTime arrived;
  };
  // Tells the listener's thread that frames wait; false where that thread is gone for good. Called
  // with the port locked: it only notifies, and does not take a frame itself.
  using Notify = std::function<bool()>;

  // Whether the oldest waiting frame is dropped for the newest (true), or the graph waits (false).
  void set_drop(bool drop);
  bool drop() const;
  // How many frames wait for the listener with drop=true.
  void set_max_frames(unsigned max_frames);
  unsigned max_frames() const;
  // How many frames of this sink may be alive with drop=false; 0: any number.
  void set_max_held(unsigned max_held);
  unsigned max_held() const;

  // In place of the listener before, if any. Any thread.
  void listen(Notify notify);
  // Ends `listen` and forgets the frames that wait. Any thread.
  void silence();
  // Whether frames are handed out.
  bool has_listener() const;
  // Listener's thread: the oldest waiting frame, or null.
  FramePtr take();

  // Keeps what comes until the first link, which begins with it: the newest 4096 buffers. Any thread.
  void hold();
  // Again with the same source changes its options. The link ends with either. Any thread.
  void link(const std::shared_ptr<SourcePort>& to, LinkOptions options);
  // Does nothing where there is no such link. Any thread.
  void unlink(const std::shared_ptr<SourcePort>& to);
  // From now on `to` feeds what this has fed; encoded video goes on with its next keyframe.
  void move_links(SinkPort* to);

  // How often waits were ended so far; nothing while they are.
  std::optional<uint64_t> unlocks() const;
  // Streaming thread. Waits (drop=false only) until a frame may be delivered; false where waits were ended
  // since `unlocks` was read.
  bool wait_for_room(uint64_t unlocks);
  // Waits (drop=false only) until the listener took everything; false as above.
  bool wait_until_taken(uint64_t unlocks);
  // Feeds the links, and hands the picture out where somebody listens; never waits.
  void deliver(const Arrival& arrival);
  // True ends waits, and lets none begin until it is false again.
  void set_unlocked(bool unlocked);
  // True once after a link asked for a keyframe.
  bool take_keyframe_request();
  // Forgets the frames that wait.
  void reset();
  // Any thread.
  Stats stats() const;

 private:
  struct Link {
    std::weak_ptr<SourcePort> to;
    LinkOptions options;
    // Encoded video is let through from the next keyframe on.
    bool awaits_keyframe;
    // What is held back counts as dropped, because the queue was full.
    bool overflowed;
    // After a gap: of the keyframe that it ended with, until a later picture came. Pictures between them
    // are shown before the keyframe, and may refer to what is missing.
    GstClockTime resumed_at = GST_CLOCK_TIME_NONE;
  };

  // Whether encoded video of this link may go on with this buffer.
  static bool is_wanted(Link* link, const Arrival& arrival, bool is_keyframe);

  // An arrival that waits for the first link; holds references.
  struct Held {
    Arrival arrival;
    bool by_keyframe;
    bool is_keyframe;
  };

  void feed_links(const Arrival& arrival);
  static void feed(Link* link, const std::shared_ptr<SourcePort>& to, const Held& held);
  void keep(const Held& held);
  static void free_held(std::deque<Held>* held);
  void hand_out(const Arrival& arrival);
  template <typename Condition>
  bool wait(uint64_t unlocks, Condition is_met);
  void frame_freed();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FramePtr> frames_;
  std::vector<Link> links_;
  // What waits for the first link, and whether anything does.
  std::deque<Held> kept_;
  bool is_holding_ = false;
  Notify notify_;
  bool notified_ = false;
  bool unlocked_ = false;
  uint64_t unlocks_ = 0;
  bool drop_ = true;
  bool wants_keyframe_ = false;
  unsigned max_frames_ = 2;
  unsigned max_held_ = 8;
  unsigned held_ = 0;
  // Keeps the times handed out rising when those of the graph jump back.
  GstClockTime last_pts_ = GST_CLOCK_TIME_NONE;
  GstClockTime pts_offset_ = 0;
  uint64_t received_ = 0;
  uint64_t dropped_ = 0;
  uint64_t bytes_ = 0;
  uint64_t keyframes_ = 0;
  GstClockTime received_pts_ = GST_CLOCK_TIME_NONE;
  GstClockTime received_at_ = GST_CLOCK_TIME_NONE;
};

}  // namespace diptych
