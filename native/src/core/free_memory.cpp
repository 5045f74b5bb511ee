#include "core/free_memory.hpp"

#include <malloc.h>

#include <chrono>
#include <mutex>

namespace diptych {

namespace {

constexpr std::chrono::seconds kLeastInterval{2};

}  // namespace

void return_free_memory() {
#if defined(__GLIBC__)
  static std::mutex mutex;
  static std::chrono::steady_clock::time_point returned_at;
  {
    std::lock_guard<std::mutex> lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    if (returned_at != std::chrono::steady_clock::time_point{} && now - returned_at < kLeastInterval) return;
    returned_at = now;
  }
  malloc_trim(0);
#endif
}

void return_free_memory_now() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace diptych
