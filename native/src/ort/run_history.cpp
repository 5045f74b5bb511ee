#include "ort/run_history.hpp"

#include <algorithm>
#include <cmath>

namespace diptych::ort {

void RunHistory::add(const RunTimes& times, size_t frames) {
  kept_[runs_ % kKept] = times;
  ++runs_;
  frames_ += frames;
}

Spread RunHistory::spread(double RunTimes::*member) const {
  const size_t count = std::min<uint64_t>(runs_, kKept);
  if (count == 0) return {};
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(kept_[i].*member);
  std::sort(values.begin(), values.end());
  const auto rank = [&](double part) { return values[static_cast<size_t>(std::ceil(part * count)) - 1]; };
  return {rank(0.5), rank(0.95)};
}

RunSummary RunHistory::summary() const {
  return {runs_, frames_, spread(&RunTimes::wait), spread(&RunTimes::device), spread(&RunTimes::total)};
}

}  // namespace diptych::ort
