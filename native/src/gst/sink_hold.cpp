// What reaches a sink before anything is linked to it.
#include "gst/sink_port.hpp"

namespace diptych {

namespace {

// Bounds the memory where nobody ever links.
constexpr size_t kMaxKept = 4096;

}  // namespace

SinkPort::~SinkPort() { free_held(&kept_); }

void SinkPort::free_held(std::deque<Held>* held) {
  for (Held& each : *held) {
    gst_buffer_unref(each.arrival.buffer);
    gst_clear_caps(&each.arrival.caps);
  }
  held->clear();
}

void SinkPort::hold() {
  std::lock_guard<std::mutex> lock(mutex_);
  is_holding_ = links_.empty();
}

void SinkPort::keep(const Held& held) {
  kept_.push_back(held);
  gst_buffer_ref(held.arrival.buffer);
  if (held.arrival.caps != nullptr) gst_caps_ref(held.arrival.caps);
  kept_.back().arrival.info = nullptr;
  if (kept_.size() <= kMaxKept) return;
  std::deque<Held> oldest(kept_.begin(), kept_.begin() + 1);
  kept_.pop_front();
  free_held(&oldest);
}

}  // namespace diptych
