#include "ort/model.hpp"

#include <future>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "ort/batch_queue.hpp"
#include "ort/runner.hpp"

namespace diptych::ort {

namespace {

double to_ms(QueueClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

struct Model::State {
  void run(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options, std::promise<ModelInfo>& opened);
  void answer_all(Runner& runner);

  // There once the network is open.
  std::optional<BatchQueue<Question>> queue;
  std::mutex mutex;
  RunHistory history;
  std::thread thread;
};

void Model::State::run(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options,
                       std::promise<ModelInfo>& opened) {
  std::unique_ptr<Runner> runner;
  try {
    device->enter();
    runner = std::make_unique<Runner>(device, options);
  } catch (const std::exception&) {
    const Problem problem = current_problem(*device);
    opened.set_exception(std::make_exception_ptr(Failure(problem.cause, problem.text)));
    return;
  }
  const ModelInfo info = runner->info();
  // An embedder runs what one question has of crops beyond its batch by itself.
  const std::vector<size_t> sizes = options.decode ? info.batch_sizes : std::vector<size_t>{kMostCrops};
  // Waiting gains nothing where frames are run one by one.
  queue.emplace(sizes, info.max_batch > 1 ? options.max_wait : std::chrono::microseconds(0));
  opened.set_value(info);
  answer_all(*runner);
}

void Model::State::answer_all(Runner& runner) {
  for (;;) {
    auto batch = queue->next();
    if (batch.questions.empty()) return;
    std::vector<Answer> answers;
    const double device_ms = runner.answer(batch.questions, answers);
    const double total_ms = to_ms(QueueClock::now() - batch.questions.front().asked_at);
    {
      std::lock_guard<std::mutex> lock(mutex);
      size_t frames = 0;
      for (const Question& question : batch.questions) frames += question.size();
      history.add({to_ms(batch.waited), device_ms, total_ms}, frames);
    }
    for (size_t i = 0; i < answers.size(); ++i) {
      batch.questions[i].frame.reset();
      batch.questions[i].on_answer(std::move(answers[i]));
    }
  }
}

std::shared_ptr<Model> Model::open(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options) {
  static std::mutex mutex;
  // Never destroyed: threads may still open models while the process exits.
  static auto* open_models = new std::list<std::weak_ptr<Model>>();
  // Held while a model loads, so that two streams that start at once share it.
  std::lock_guard<std::mutex> lock(mutex);
  open_models->remove_if([](const std::weak_ptr<Model>& model) { return model.expired(); });
  for (const std::weak_ptr<Model>& candidate : *open_models) {
    if (auto model = candidate.lock(); model != nullptr && model->options_ == options) return model;
  }
  std::shared_ptr<Model> model(new Model(device, options));
  open_models->push_back(model);
  return model;
}

Model::Model(const std::shared_ptr<cuda::Device>& device, const ModelOptions& options)
    : options_(options), state_(std::make_unique<State>()) {
  std::promise<ModelInfo> opened;
  state_->thread = std::thread([this, device, &opened] { state_->run(device, options_, opened); });
  try {
    info_ = opened.get_future().get();
  } catch (...) {
    state_->thread.join();
    throw;
  }
}

Model::~Model() {
  state_->queue->close();
  state_->thread.join();
}

RunSummary Model::summary() const {
  std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->history.summary();
}

void Model::detect(uint64_t asker, FramePtr frame, const std::optional<Crop>& crop, double score_threshold,
                   unsigned sketch_step, OnAnswer on_answer) {
  Question question{asker, std::move(frame), crop, score_threshold, sketch_step, {}, std::move(on_answer)};
  state_->queue->push(std::move(question));
}

void Model::embed(uint64_t asker, FramePtr frame, std::vector<AffineMatrix> matrices, OnAnswer on_answer) {
  Question question{asker, std::move(frame), {}, 0, 0, std::move(matrices), std::move(on_answer)};
  state_->queue->push(std::move(question));
}

}  // namespace diptych::ort
