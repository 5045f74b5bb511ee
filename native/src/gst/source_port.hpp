#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace diptych {

// A buffer with its own time stamps and flags over the same memory and metas; the original
// stays out of its pool as long as the copy lives.
GstBuffer* share_buffer(GstBuffer* original);

// What waits to enter a graph through its `diptychsrc`. Whoever offers never waits.
class SourcePort {
 public:
  // Since the element was made: buffers taken in, bytes, buffers dropped; the time between the oldest and the
  // newest buffer that wait, and how long the oldest has waited, nanoseconds.
  struct Stats {
    uint64_t pushed;
    uint64_t bytes;
    uint64_t dropped;
    GstClockTime queued;
    GstClockTime waited;
  };
  // What fills the queue: what waits covers more than so much time, or the oldest has waited for longer than that.
  enum class Measure { span, wait };
  // What a full queue does: drops the oldest buffer for the new one; refuses the new one; drops what waits before its
  // newest keyframe, and refuses the new one where there is none that is recent enough.
  enum class Overflow { drop_oldest, refuse, drop_to_keyframe };
  // What `take` gives: something to send, the end of waiting, the end of the source.
  enum class Status { item, flushing, ended };
  // One thing to send: an event (`buffer` null), or a buffer and the caps that describe it.
  struct Item {
    GstBuffer* buffer = nullptr;
    GstCaps* caps = nullptr;
    GstEvent* event = nullptr;
    // When a buffer was offered, shared running time.
    GstClockTime offered = 0;
  };

  SourcePort() = default;
  ~SourcePort();
  SourcePort(const SourcePort&) = delete;
  SourcePort& operator=(const SourcePort&) = delete;

  // Takes `buffer`, refers to `caps` (may be null: unchanged). False where it was refused,
  // because more than `max_queue` waits or the source has ended.
  bool offer(GstBuffer* buffer, GstCaps* caps, GstClockTime max_queue, Overflow overflow,
             Measure measure = Measure::span);
  // Drops what waits where the oldest has waited for longer than `longest`, for a keyframe that is about to be offered;
  // false where nothing is dropped.
  bool skip(GstClockTime longest);
  // Notes a buffer that was held back before it came here; the next one is marked as a discontinuity.
  void count_dropped();
  // Takes `event`; it leaves between the buffers offered before and after it.
  void send(GstEvent* event);
  // `take` gives what waits, then `ended`.
  void end();

  // Streaming thread: waits for the next item.
  Status take(Item* item);
  // True ends a wait of `take`, and lets none begin until it is false again.
  void set_flushing(bool flushing);
  // Forgets what waits, and that the source has ended.
  void reset();
  // Any thread.
  Stats stats() const;

 private:
  // For `drop_to_keyframe`: drops what is too old beside `arriving`; false where `arriving` cannot be shown any more.
  bool make_way_locked(GstBuffer* arriving, GstClockTime max_queue, std::deque<Item>* freed);
  GstClockTime queued_locked() const;
  GstClockTime waited_locked() const;
  // Drops the buffers that wait, before `end`; events keep their place.
  void drop_locked(std::deque<Item>::iterator end, std::deque<Item>* freed);
  static void free_items(std::deque<Item>* items);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  size_t buffers_ = 0;
  bool flushing_ = false;
  bool ended_ = false;
  bool discont_ = false;
  uint64_t pushed_ = 0;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace diptych
