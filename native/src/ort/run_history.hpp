#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace diptych::ort {

// What one run took, milliseconds.
struct RunTimes {
  // Held back to be filled.
  double wait;
  // On the GPU, from the first kernel to the last.
  double device;
  // From the oldest question to its answer.
  double total;
};

// Milliseconds.
struct Spread {
  double p50 = 0;
  double p95 = 0;
};

// Runs and frames since the network was opened; times of the runs that are kept.
struct RunSummary {
  uint64_t runs = 0;
  uint64_t frames = 0;
  Spread wait;
  Spread device;
  Spread total;
};

// The last runs of a network. One thread.
class RunHistory {
 public:
  // Runs.
  static constexpr size_t kKept = 512;

  // `frames`: of this run.
  void add(const RunTimes& times, size_t frames);
  // Medians and 95th percentiles (nearest rank) of the runs kept; zeros before the first.
  RunSummary summary() const;

 private:
  Spread spread(double RunTimes::*member) const;

  std::array<RunTimes, kKept> kept_;
  uint64_t runs_ = 0;
  uint64_t frames_ = 0;
};

}  // namespace diptych::ort
