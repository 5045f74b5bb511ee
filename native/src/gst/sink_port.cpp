#include "gst/sink_port.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "gst/clock.hpp"

namespace diptych {

namespace {

// A step back up to this long is a wrong time stamp; a longer one is a new time line.
constexpr GstClockTime kJitter = GST_SECOND;
// The step that a frame with a wrong time stamp gets instead.
constexpr GstClockTime kSmallestStep = GST_MSECOND;
// How far apart decoding order and showing order are at most.
constexpr GstClockTime kLongestReorder = 5 * GST_SECOND;
// How often a waiting streaming thread looks whether its listener still lives.
constexpr std::chrono::milliseconds kListenerCheck{200};

GstClockTime advanced(GstClockTime time, gint64 by) {
  if (!GST_CLOCK_TIME_IS_VALID(time)) return time;
  const gint64 moved = static_cast<gint64>(time) - by;
  return moved > 0 ? static_cast<GstClockTime>(moved) : 0;
}

bool starts_with(const char* text, const char* prefix) { return std::strncmp(text, prefix, std::strlen(prefix)) == 0; }

// Only video that is not raw depends on the pictures before it.
bool depends_on_keyframes(GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_empty(caps) || gst_caps_is_any(caps)) return false;
  const char* name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  return starts_with(name, "video/") && std::strcmp(name, "video/x-raw") != 0;
}

}  // namespace

void SinkPort::set_drop(bool drop) {
  std::lock_guard<std::mutex> lock(mutex_);
  drop_ = drop;
  changed_.notify_all();
}

bool SinkPort::drop() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return drop_;
}

void SinkPort::set_max_frames(unsigned max_frames) {
  std::lock_guard<std::mutex> lock(mutex_);
  max_frames_ = max_frames;
}

unsigned SinkPort::max_frames() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return max_frames_;
}

void SinkPort::set_max_held(unsigned max_held) {
  std::lock_guard<std::mutex> lock(mutex_);
  max_held_ = max_held;
  changed_.notify_all();
}

unsigned SinkPort::max_held() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return max_held_;
}

void SinkPort::listen(Notify notify) {
  std::lock_guard<std::mutex> lock(mutex_);
  notify_ = std::move(notify);
  notified_ = false;
}

void SinkPort::silence() {
  std::deque<FramePtr> freed;  // freed after the lock: the last reference calls frame_freed()
  Notify last;
  std::lock_guard<std::mutex> lock(mutex_);
  freed.swap(frames_);
  last.swap(notify_);
  notified_ = false;
  changed_.notify_all();
}

bool SinkPort::has_listener() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return notify_ != nullptr;
}

FramePtr SinkPort::take() {
  std::lock_guard<std::mutex> lock(mutex_);
  notified_ = false;
  if (frames_.empty()) return nullptr;
  FramePtr frame = std::move(frames_.front());
  frames_.pop_front();
  changed_.notify_all();
  return frame;
}

void SinkPort::link(const std::shared_ptr<SourcePort>& to, LinkOptions options) {
  unlink(to);
  std::deque<Held> kept;  // freed after the lock: giving a buffer back may call into its pool
  {
    std::lock_guard<std::mutex> lock(mutex_);
    links_.push_back(Link{to, options, options.start_on_keyframe, false});
    wants_keyframe_ = wants_keyframe_ || options.start_on_keyframe;
    kept.swap(kept_);
    is_holding_ = false;
    for (const Held& held : kept) feed(&links_.back(), to, held);
  }
  free_held(&kept);
}

void SinkPort::unlink(const std::shared_ptr<SourcePort>& to) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto is_it = [&to](const Link& link) { return link.to.lock() == to; };
  links_.erase(std::remove_if(links_.begin(), links_.end(), is_it), links_.end());
}

void SinkPort::move_links(SinkPort* to) {
  if (to == this) return;
  std::scoped_lock lock(mutex_, to->mutex_);
  for (const Link& link : links_) {
    to->links_.push_back(Link{link.to, link.options, true, false});
    to->wants_keyframe_ = to->wants_keyframe_ || link.options.start_on_keyframe;
  }
  links_.clear();
}

template <typename Condition>
bool SinkPort::wait(uint64_t unlocks, Condition is_met) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto is_ended = [&] { return unlocked_ || unlocks_ != unlocks; };
  while (!is_ended() && !drop_ && notify_ != nullptr && !is_met()) {
    const bool is_due = changed_.wait_for(lock, kListenerCheck) == std::cv_status::timeout;
    // silence() may have taken the listener while this waited, also at the very end of the time.
    if (is_due && notify_ != nullptr && !notify_()) {
      // Nobody will ever take what waits; frames are freed with the port.
      notify_ = nullptr;
    }
  }
  return !is_ended();
}

std::optional<uint64_t> SinkPort::unlocks() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (unlocked_) return std::nullopt;
  return unlocks_;
}

bool SinkPort::wait_for_room(uint64_t unlocks) {
  return wait(unlocks, [this] { return frames_.empty() && (max_held_ == 0 || held_ < max_held_); });
}

bool SinkPort::wait_until_taken(uint64_t unlocks) {
  return wait(unlocks, [this] { return frames_.empty(); });
}

void SinkPort::deliver(const Arrival& arrival) {
  feed_links(arrival);
  if (arrival.info != nullptr) hand_out(arrival);
}

bool SinkPort::is_wanted(Link* link, const Arrival& arrival, bool is_keyframe) {
  if (link->awaits_keyframe) {
    if (!is_keyframe) return false;
    if (link->overflowed) link->resumed_at = arrival.pts;
    return true;
  }
  if (!GST_CLOCK_TIME_IS_VALID(link->resumed_at)) return true;
  if (arrival.pts < link->resumed_at && link->resumed_at - arrival.pts < kLongestReorder) return false;
  if (arrival.pts != link->resumed_at) link->resumed_at = GST_CLOCK_TIME_NONE;
  return true;
}

void SinkPort::feed(Link* link, const std::shared_ptr<SourcePort>& to, const Held& held) {
  const auto& [arrival, by_keyframe, is_keyframe] = held;
  const LinkOptions& options = link->options;
  if (by_keyframe && !is_wanted(link, arrival, is_keyframe)) {
    if (link->overflowed || GST_CLOCK_TIME_IS_VALID(link->resumed_at)) to->count_dropped();
    return;
  }
  GstBuffer* shared = share_buffer(arrival.buffer);
  GST_BUFFER_PTS(shared) = advanced(arrival.pts, options.advance);
  GST_BUFFER_DTS(shared) = advanced(arrival.dts, options.advance);
  const auto overflow = by_keyframe ? options.overflow : SourcePort::Overflow::drop_oldest;
  const bool may_skip = by_keyframe && is_keyframe && GST_CLOCK_TIME_IS_VALID(options.skip_after);
  if (may_skip && to->skip(options.skip_after)) link->resumed_at = arrival.pts;
  const bool accepted = to->offer(shared, arrival.caps, options.max_queue, overflow, options.measure);
  link->awaits_keyframe = by_keyframe && !accepted;
  link->overflowed = link->awaits_keyframe;
}

void SinkPort::feed_links(const Arrival& arrival) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++received_;
  bytes_ += gst_buffer_get_size(arrival.buffer);
  received_pts_ = arrival.pts;
  received_at_ = arrival.arrived;
  const bool by_keyframe = depends_on_keyframes(arrival.caps);
  const bool is_keyframe = !GST_BUFFER_FLAG_IS_SET(arrival.buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (is_keyframe) ++keyframes_;
  if (is_holding_) keep({arrival, by_keyframe, is_keyframe});

  for (auto link = links_.begin(); link != links_.end();) {
    const std::shared_ptr<SourcePort> to = link->to.lock();
    if (to == nullptr) {
      link = links_.erase(link);
      continue;
    }
    feed(&*link, to, {arrival, by_keyframe, is_keyframe});
    ++link;
  }
}

void SinkPort::hand_out(const Arrival& arrival) {
  std::deque<FramePtr> freed;  // freed after the lock: the last reference calls frame_freed()
  std::lock_guard<std::mutex> lock(mutex_);
  if (notify_ == nullptr) return;

  GstClockTime pts = arrival.pts + pts_offset_;
  if (GST_CLOCK_TIME_IS_VALID(last_pts_) && pts <= last_pts_) {
    if (last_pts_ - pts > kJitter) {
      const GstClockTime next = std::max(arrival.arrived, last_pts_ + kSmallestStep);
      pts_offset_ = next - arrival.pts;
      pts = next;
    } else {
      pts = last_pts_ + kSmallestStep;
    }
  }
  last_pts_ = pts;

  const std::weak_ptr<SinkPort> port = weak_from_this();
  frames_.emplace_back(new VideoFrame(arrival.buffer, *arrival.info, to_ms(pts), to_ms(arrival.arrived)),
                       [port](const VideoFrame* frame) {
                         delete frame;
                         if (const auto living = port.lock()) living->frame_freed();
                       });
  ++held_;
  while (drop_ && frames_.size() > max_frames_) {
    freed.push_back(std::move(frames_.front()));
    frames_.pop_front();
    ++dropped_;
  }
  if (!notified_) {
    notified_ = notify_();
    if (!notified_) {
      notify_ = nullptr;
      freed.insert(freed.end(), frames_.begin(), frames_.end());
      frames_.clear();
    }
  }
}

void SinkPort::frame_freed() {
  std::lock_guard<std::mutex> lock(mutex_);
  --held_;
  changed_.notify_all();
}

void SinkPort::set_unlocked(bool unlocked) {
  std::lock_guard<std::mutex> lock(mutex_);
  unlocked_ = unlocked;
  if (unlocked) ++unlocks_;
  changed_.notify_all();
}

bool SinkPort::take_keyframe_request() {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(wants_keyframe_, false);
}

void SinkPort::reset() {
  std::deque<FramePtr> freed;
  std::lock_guard<std::mutex> lock(mutex_);
  freed.swap(frames_);
}

SinkPort::Stats SinkPort::stats() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return {received_, dropped_, bytes_, keyframes_, received_pts_, received_at_};
}

}  // namespace diptych
