#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace diptych::ort {

// Wall time: what waits here is a batch, not a picture.
using QueueClock = std::chrono::steady_clock;

// Who asked lately, and how much at once: parts of one frame come one right after the other. A run
// waits for those only.
class Askers {
 public:
  // `frame` is compared only.
  void note(uint64_t asker, const void* frame, QueueClock::time_point now) {
    Entry& entry = entries_[asker];
    // A frame's address may be that of one before it.
    if (frame != entry.frame || now - entry.last > kPause) {
      entry.usual = entry.now;
      entry.now = 0;
      entry.frame = frame;
    }
    ++entry.now;
    entry.last = now;
  }
  // How many asked within the last quarter of a second: four frames at 15 a second.
  size_t lately(QueueClock::time_point now) {
    for (auto i = entries_.begin(); i != entries_.end();) {
      i = now - i->second.last > kWindow ? entries_.erase(i) : std::next(i);
    }
    return entries_.size();
  }
  // Whether the asker has asked as much about its newest frame as about the one before.
  bool is_through(uint64_t asker) const {
    const auto found = entries_.find(asker);
    return found == entries_.end() || found->second.now >= found->second.usual;
  }

 private:
  static constexpr std::chrono::milliseconds kWindow{250};
  static constexpr std::chrono::milliseconds kPause{1};
  struct Entry {
    // Only compared.
    const void* frame = nullptr;
    size_t now = 0;
    size_t usual = 0;
    QueueClock::time_point last;
  };
  std::map<uint64_t, Entry> entries_;
};

// Questions on their way to one network. `Question` has `asker`, `frame`, `asked_at` and `size()`, its
// items.
template <typename Question>
class BatchQueue {
 public:
  // What is run at once.
  struct Batch {
    std::vector<Question> questions;
    // How long it was held back to be filled.
    QueueClock::duration waited{};
  };

  // `sizes`: items of the batches that are run, rising; one of a size between is run as the next larger one.
  // `patience`: how long the first question of a batch waits for others.
  BatchQueue(std::vector<size_t> sizes, QueueClock::duration patience)
      : sizes_(std::move(sizes)), most_(sizes_.back()), patience_(patience) {}

  // Never waits. Any thread.
  void push(Question question) {
    std::lock_guard<std::mutex> lock(mutex_);
    askers_.note(question.asker, question.frame.get(), question.asked_at);
    items_ += question.size();
    questions_.push_back(std::move(question));
    changed_.notify_one();
  }

  // The next questions, in order, as many as are well run at once; a question of more comes alone. Waits for
  // the first, a moment for the rest of its frame, then until the batch is full, everybody who asks
  // lately has asked, or patience is at an end. No questions when it is closed and all were taken.
  Batch next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return is_closed_ || !questions_.empty(); });
    Batch batch;
    if (questions_.empty()) return batch;
    const QueueClock::time_point begin = QueueClock::now();
    const QueueClock::time_point asked = questions_.front().asked_at;
    const uint64_t asker = questions_.front().asker;
    const auto is_full = [&] { return is_closed_ || items_ >= most_; };
    changed_.wait_until(lock, asked + std::min(patience_, kMoment),
                        [&] { return is_full() || askers_.is_through(asker); });
    changed_.wait_until(lock, asked + patience_, [&] { return is_full() || everybody_asked(); });
    batch.waited = QueueClock::now() - begin;
    size_t items = 0;
    const size_t most = well_run(items_);
    while (!questions_.empty() && (items == 0 || items + questions_.front().size() <= most)) {
      items += questions_.front().size();
      batch.questions.push_back(std::move(questions_.front()));
      questions_.pop_front();
    }
    items_ -= items;
    return batch;
  }

  // What was asked before is still given out.
  void close() {
    std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }

 private:
  bool everybody_asked() {
    std::set<uint64_t> here;
    for (const Question& question : questions_) here.insert(question.asker);
    return here.size() >= askers_.lately(QueueClock::now());
  }

  // How many of `items` to run next: all, but where less than half of the size that would be run is filled, as many
  // as the next smaller one has: places that nobody fills take as long as others.
  size_t well_run(size_t items) const {
    const auto larger = std::lower_bound(sizes_.begin(), sizes_.end(), items);
    if (larger == sizes_.end()) return most_;
    if (larger == sizes_.begin() || 2 * items >= *larger) return *larger;
    return *std::prev(larger);
  }

  // JavaScript asks about the parts of a frame within a fraction of it.
  static constexpr QueueClock::duration kMoment = std::chrono::microseconds(200);

  const std::vector<size_t> sizes_;
  const size_t most_;
  const QueueClock::duration patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> questions_;
  size_t items_ = 0;
  Askers askers_;
  bool is_closed_ = false;
};

}  // namespace diptych::ort
