#include "gst/source_port.hpp"

#include <algorithm>

#include "gst/clock.hpp"

namespace diptych {

namespace {

// Bounds the memory where time stamps stand still; far above any sane `max_queue`.
constexpr size_t kMaxBuffers = 4096;

GstClockTime position(GstBuffer* buffer) { return GST_BUFFER_DTS_OR_PTS(buffer); }

GstClockTime from_to(GstBuffer* earlier, GstBuffer* later) {
  const GstClockTime from = position(earlier);
  const GstClockTime to = position(later);
  return GST_CLOCK_TIME_IS_VALID(from) && GST_CLOCK_TIME_IS_VALID(to) && to > from ? to - from : 0;
}

bool is_keyframe(GstBuffer* buffer) { return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT); }

}  // namespace

GstBuffer* share_buffer(GstBuffer* original) {
  GstBuffer* shared = gst_buffer_new();
  // Memories by reference rather than with GST_BUFFER_COPY_MEMORY, which copies the content of
  // memories that cannot be divided (device memory may be so).
  for (guint i = 0; i < gst_buffer_n_memory(original); ++i) {
    gst_buffer_append_memory(shared, gst_memory_ref(gst_buffer_peek_memory(original, i)));
  }
  gst_buffer_copy_into(shared, original,
                       static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
                       static_cast<gsize>(-1));
  // One by one, because GST_BUFFER_COPY_META leaves out what describes the memory (strides).
  gst_buffer_foreach_meta(
      original,
      [](GstBuffer* buffer, GstMeta** meta, gpointer copy) -> gboolean {
        GstMetaTransformCopy whole{FALSE, 0, static_cast<gsize>(-1)};
        if ((*meta)->info->transform_func != nullptr) {
          (*meta)->info->transform_func(static_cast<GstBuffer*>(copy), *meta, buffer, _gst_meta_transform_copy, &whole);
        }
        return TRUE;
      },
      shared);
  gst_buffer_add_parent_buffer_meta(shared, original);
  return shared;
}

SourcePort::~SourcePort() { free_items(&items_); }

void SourcePort::free_items(std::deque<Item>* items) {
  for (Item& item : *items) {
    gst_clear_buffer(&item.buffer);
    gst_clear_caps(&item.caps);
    gst_clear_event(&item.event);
  }
  items->clear();
}

GstClockTime SourcePort::queued_locked() const {
  GstClockTime oldest = GST_CLOCK_TIME_NONE;
  for (const Item& item : items_) {
    if (item.buffer == nullptr) continue;
    oldest = position(item.buffer);
    break;
  }
  if (!GST_CLOCK_TIME_IS_VALID(oldest)) return 0;
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->buffer == nullptr) continue;
    const GstClockTime newest = position(item->buffer);
    return GST_CLOCK_TIME_IS_VALID(newest) && newest > oldest ? newest - oldest : 0;
  }
  return 0;
}

GstClockTime SourcePort::waited_locked() const {
  for (const Item& item : items_) {
    if (item.buffer == nullptr) continue;
    const GstClockTime now = shared_now();
    return now > item.offered ? now - item.offered : 0;
  }
  return 0;
}

bool SourcePort::make_way_locked(GstBuffer* arriving, GstClockTime max_queue, std::deque<Item>* freed) {
  const auto oldest =
      std::find_if(items_.begin(), items_.end(), [](const Item& item) { return item.buffer != nullptr; });
  if (oldest == items_.end()) return true;
  if (buffers_ < kMaxBuffers && from_to(oldest->buffer, arriving) <= max_queue) return true;

  // Where what is kept begins.
  auto first = items_.end();
  for (auto item = oldest + 1; !is_keyframe(arriving) && item != items_.end(); ++item) {
    if (item->buffer == nullptr || !is_keyframe(item->buffer)) continue;
    if (from_to(item->buffer, arriving) <= max_queue) first = item;
  }
  const bool is_shown = is_keyframe(arriving) || first != items_.end();
  if (first == items_.end()) {
    discont_ = true;
  } else {
    GST_BUFFER_FLAG_SET(first->buffer, GST_BUFFER_FLAG_DISCONT);
  }

  drop_locked(first, freed);
  return is_shown;
}

void SourcePort::drop_locked(std::deque<Item>::iterator end, std::deque<Item>* freed) {
  std::deque<Item> kept;
  for (auto item = items_.begin(); item != end; ++item) {
    // Events keep their place: they are not what fills the queue.
    if (item->buffer == nullptr) {
      kept.push_back(*item);
      continue;
    }
    freed->push_back(*item);
    --buffers_;
    ++dropped_;
  }
  kept.insert(kept.end(), end, items_.end());
  items_.swap(kept);
}

bool SourcePort::skip(GstClockTime longest) {
  std::deque<Item> freed;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (waited_locked() <= longest) return false;
    drop_locked(items_.end(), &freed);
    discont_ = true;
  }
  free_items(&freed);
  return true;
}

bool SourcePort::offer(GstBuffer* buffer, GstCaps* caps, GstClockTime max_queue, Overflow overflow, Measure measure) {
  std::deque<Item> freed;  // freed after the lock: giving a buffer back may call into its pool
  Item arriving{buffer, caps == nullptr ? nullptr : gst_caps_ref(caps), nullptr, shared_now()};
  bool accepted = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!ended_ && (overflow != Overflow::drop_to_keyframe || make_way_locked(buffer, max_queue, &freed))) {
      items_.push_back(arriving);
      ++buffers_;
      const auto is_full = [&] {
        const GstClockTime queued = measure == Measure::wait ? waited_locked() : queued_locked();
        return buffers_ > 1 && (queued > max_queue || buffers_ > kMaxBuffers);
      };
      accepted = overflow != Overflow::refuse || !is_full();
      if (!accepted) {
        items_.pop_back();
        --buffers_;
      }
      while (accepted && overflow == Overflow::drop_oldest && is_full()) {
        // Events keep their place: they are not what fills the queue.
        auto oldest = items_.begin();
        while (oldest->buffer == nullptr) ++oldest;
        freed.push_back(*oldest);
        items_.erase(oldest);
        --buffers_;
        ++dropped_;
        discont_ = true;
      }
    }
    if (accepted) {
      if (discont_) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
      discont_ = false;
      ++pushed_;
      bytes_ += gst_buffer_get_size(buffer);
    } else {
      ++dropped_;
      discont_ = true;
      freed.push_back(arriving);
    }
  }
  if (accepted) changed_.notify_one();
  free_items(&freed);
  return accepted;
}

void SourcePort::count_dropped() {
  std::lock_guard<std::mutex> lock(mutex_);
  ++dropped_;
  discont_ = true;
}

void SourcePort::send(GstEvent* event) {
  std::lock_guard<std::mutex> lock(mutex_);
  items_.push_back(Item{nullptr, nullptr, event});
  changed_.notify_one();
}

void SourcePort::end() {
  std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  changed_.notify_one();
}

SourcePort::Status SourcePort::take(Item* item) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return flushing_ || ended_ || !items_.empty(); });
  if (flushing_) return Status::flushing;
  if (items_.empty()) return Status::ended;
  *item = items_.front();
  items_.pop_front();
  if (item->buffer != nullptr) --buffers_;
  return Status::item;
}

void SourcePort::set_flushing(bool flushing) {
  std::lock_guard<std::mutex> lock(mutex_);
  flushing_ = flushing;
  changed_.notify_one();
}

void SourcePort::reset() {
  std::deque<Item> freed;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    freed.swap(items_);
    buffers_ = 0;
    ended_ = false;
    discont_ = false;
  }
  free_items(&freed);
}

SourcePort::Stats SourcePort::stats() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return {pushed_, bytes_, dropped_, queued_locked(), waited_locked()};
}

}  // namespace diptych
