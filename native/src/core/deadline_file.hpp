#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace diptych {

// Until when this process may publish and record, as another process writes it: two numbers of 64 bits in the machine's
// order, the deadline in nanoseconds of CLOCK_MONOTONIC and the same with all bits turned over, so that half a write is
// seen. INT64_MAX never passes. It is mapped, so that reading it waits for nobody. Any thread.
class DeadlineFile {
 public:
  // Throws std::runtime_error where the file cannot be mapped.
  explicit DeadlineFile(const std::string& path);
  ~DeadlineFile();
  DeadlineFile(const DeadlineFile&) = delete;
  DeadlineFile& operator=(const DeadlineFile&) = delete;

  // Also where the machine was suspended since the deadline was written: CLOCK_MONOTONIC stood still then.
  bool is_past();

 private:
  bool read(int64_t* deadline) const;

  const int64_t* words_;
  std::mutex mutex_;
  int64_t seen_deadline_ = 0;
  int64_t suspended_then_ = 0;
};

}  // namespace diptych
