#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "core/compose_threads.hpp"
#include "cuda/device.hpp"

namespace diptych::cuda {

// Composes on the GPU in use, as ComposeThreads does on the CPU: the jobs of the whole process, in
// order, on one thread, which only tells the GPU what to do. Sources in the host's memory are
// uploaded once and kept while their frame lives: stills as kSetup, others as kFrame.
class ComposeThread {
 public:
  // One a process; starts its thread on first use. Any thread.
  static ComposeThread& instance();
  // The frame stays on the GPU (NV12), or comes down in one copy (I420, kFrame). `done` of a job
  // gets an Error where the GPU fails.
  void submit(ComposeJob job, bool to_host);

 private:
  struct Task {
    ComposeJob job;
    bool to_host;
  };
  ComposeThread();
  [[noreturn]] void run();

  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<Task> tasks_;
};

}  // namespace diptych::cuda
