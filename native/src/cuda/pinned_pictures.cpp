#include "cuda/pinned_pictures.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace diptych::cuda {

struct PinnedPictures::State {
  std::shared_ptr<Device> device;
  std::mutex mutex;
  // The one given back last comes first.
  std::list<PinnedBuffer> free;
  size_t in_use = 0;

  // Memory of that size; a free one of another size makes room where there are too many.
  PinnedBuffer take(size_t size) {
    PinnedBuffer surplus;
    std::lock_guard<std::mutex> lock(mutex);
    const auto fitting =
        std::find_if(free.begin(), free.end(), [size](const PinnedBuffer& buffer) { return buffer.size() == size; });
    PinnedBuffer taken;
    if (fitting != free.end()) {
      taken = std::move(*fitting);
      free.erase(fitting);
    } else {
      if (in_use + free.size() >= kMostBuffers) {
        if (free.empty()) {
          throw std::runtime_error("compose: all " + std::to_string(kMostBuffers) +
                                   " pictures are still in use; release frames that are done with");
        }
        surplus = std::move(free.back());
        free.pop_back();
      }
      taken = PinnedBuffer(device, size);
    }
    ++in_use;
    return taken;
  }

  void give_back(PinnedBuffer buffer) {
    std::lock_guard<std::mutex> lock(mutex);
    --in_use;
    free.push_front(std::move(buffer));
  }
};

// What a GstMemory frees.
struct PinnedPictures::Lease {
  std::shared_ptr<State> state;
  PinnedBuffer buffer;
  static void end(gpointer data) {
    const std::unique_ptr<Lease> lease(static_cast<Lease*>(data));
    lease->state->give_back(std::move(lease->buffer));
  }
};

PinnedPictures::PinnedPictures(std::shared_ptr<Device> device) : state_(std::make_shared<State>()) {
  state_->device = std::move(device);
}

PinnedPictures::Picture PinnedPictures::acquire(const GstVideoInfo& info) {
  auto* lease = new Lease{state_, {}};
  try {
    lease->buffer = state_->take(info.size);
  } catch (...) {
    delete lease;
    throw;
  }
  uint8_t* const data = lease->buffer.data();
  return {gst_buffer_new_wrapped_full(static_cast<GstMemoryFlags>(0), data, info.size, 0, info.size, lease, Lease::end),
          data};
}

}  // namespace diptych::cuda
