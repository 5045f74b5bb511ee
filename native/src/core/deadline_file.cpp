#include "core/deadline_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <stdexcept>

namespace diptych {

namespace {

constexpr size_t kBytes = 2 * sizeof(int64_t);
// A write takes nanoseconds; who sees half of it reads again.
constexpr int kReadTries = 1000;
// Two clocks are read one after another.
constexpr int64_t kMostBetweenReadsNs = 50'000'000;

int64_t now_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

DeadlineFile::DeadlineFile(const std::string& path) : words_(nullptr) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error("the fence " + path + " cannot be opened");
  const bool is_whole = lseek(file, 0, SEEK_END) >= static_cast<off_t>(kBytes);
  void* memory = is_whole ? mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  if (memory == MAP_FAILED) throw std::runtime_error("the fence " + path + " cannot be mapped");
  words_ = static_cast<const int64_t*>(memory);
}

DeadlineFile::~DeadlineFile() { munmap(const_cast<int64_t*>(words_), kBytes); }

bool DeadlineFile::read(int64_t* deadline) const {
  for (int tries = 0; tries < kReadTries; ++tries) {
    const int64_t value = __atomic_load_n(&words_[0], __ATOMIC_ACQUIRE);
    const int64_t turned = __atomic_load_n(&words_[1], __ATOMIC_ACQUIRE);
    if (turned != ~value) continue;
    *deadline = value;
    return true;
  }
  return false;
}

bool DeadlineFile::is_past() {
  int64_t deadline = 0;
  if (!read(&deadline)) return true;
  if (deadline == INT64_MAX) return false;
  const int64_t now = now_ns(CLOCK_MONOTONIC);
  const int64_t suspended = now_ns(CLOCK_BOOTTIME) - now;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (deadline != seen_deadline_) {
    seen_deadline_ = deadline;
    suspended_then_ = suspended;
  }
  return now >= deadline || suspended - suspended_then_ > kMostBetweenReadsNs;
}

}  // namespace diptych
