#include "core/frame_store.hpp"

#include <utility>
#include <vector>

#include "core/device_memory.hpp"

namespace diptych {

VideoFrame::VideoFrame(GstBuffer* buffer, const GstVideoInfo& info, double pts_ms, double arrived_ms, bool is_still)
    : buffer_(gst_buffer_ref(buffer)),
      info_(info),
      pts_ms_(pts_ms),
      arrived_ms_(arrived_ms),
      in_cuda_memory_(DeviceMemory::current().holds(buffer)),
      is_still_(is_still) {}

VideoFrame::~VideoFrame() { gst_buffer_unref(buffer_); }

FrameStore& FrameStore::instance() {
  // Never destroyed: streaming threads may still give frames back while the process exits.
  static FrameStore* store = new FrameStore();
  return *store;
}

uint32_t FrameStore::add(FramePtr frame, const void* owner) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (next_ == 0 || entries_.count(next_) != 0) ++next_;
  entries_.emplace(next_, Entry{std::move(frame), 1, owner});
  return next_++;
}

FramePtr FrameStore::get(uint32_t handle) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(handle);
  return found == entries_.end() ? nullptr : found->second.frame;
}

bool FrameStore::retain(uint32_t handle) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return false;
  ++found->second.references;
  return true;
}

bool FrameStore::release(uint32_t handle) {
  // Declared before the lock, so freed after it: giving a buffer back may call into its pool.
  FramePtr last;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return false;
  if (--found->second.references == 0) {
    last = std::move(found->second.frame);
    entries_.erase(found);
  }
  return true;
}

void FrameStore::release_all_of(const void* owner) {
  // Declared before the lock, so freed after it.
  std::vector<FramePtr> last;
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.owner != owner) {
      ++entry;
      continue;
    }
    last.push_back(std::move(entry->second.frame));
    entry = entries_.erase(entry);
  }
}

size_t FrameStore::live() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return entries_.size();
}

}  // namespace diptych
