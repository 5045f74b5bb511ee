#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace diptych::ort {

using QueueClock = std::chrono::steady_clock;

// Who asked lately. A run waits for those only.
class Askers {
 public:
  void note(uint64_t asker, QueueClock::time_point now) { last_[asker] = now; }
  // How many asked within the last quarter of a second: four frames at 15 a second.
  size_t lately(QueueClock::time_point now) {
    for (auto i = last_.begin(); i != last_.end();) i = now - i->second > kWindow ? last_.erase(i) : std::next(i);
    return last_.size();
  }

 private:
  static constexpr std::chrono::milliseconds kWindow{250};
  std::map<uint64_t, QueueClock::time_point> last_;
};

// Questions on their way to one network. `Question` has `asker`, `asked_at` and `size()`, its items.
template <typename Question>
class BatchQueue {
 public:
  struct Batch {
    std::vector<Question> questions;
    // How long it was held back to be filled.
    QueueClock::duration waited{};
  };

  // `most`: items of a batch; `patience`: how long its first question waits for others.
  BatchQueue(size_t most, QueueClock::duration patience) : most_(most), patience_(patience) {}

  void push(Question question) {
    std::lock_guard<std::mutex> lock(mutex_);
    askers_.note(question.asker, question.asked_at);
    items_ += question.size();
    questions_.push_back(std::move(question));
    changed_.notify_one();
  }

  // The next questions, in order, of at most `most` items; a question of more comes alone. Waits
  // for the first, then until the batch is full, everybody who asks lately has asked, or patience is
  // at an end. No questions when it is closed and all were taken.
  Batch next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return is_closed_ || !questions_.empty(); });
    Batch batch;
    if (questions_.empty()) return batch;
    const QueueClock::time_point begin = QueueClock::now();
    const QueueClock::time_point end = questions_.front().asked_at + patience_;
    changed_.wait_until(lock, end, [&] { return is_closed_ || items_ >= most_ || everybody_asked(); });
    batch.waited = QueueClock::now() - begin;
    size_t items = 0;
    while (!questions_.empty() && (items == 0 || items + questions_.front().size() <= most_)) {
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
