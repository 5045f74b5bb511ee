#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "cuda/device.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/deferred.hpp"
#include "napi/failure.hpp"
#include "napi/mailbox.hpp"
#include "napi/model_arguments.hpp"
#include "napi/napi.hpp"
#include "ort/model.hpp"

namespace diptych {

namespace {

const char* code_of(ort::Cause cause) {
  switch (cause) {
    case ort::Cause::kMissing:
      return "DIPTYCH_E_GPU";
    case ort::Cause::kLost:
      return "DIPTYCH_E_GPU_LOST";
    case ort::Cause::kModel:
      return "DIPTYCH_E_MODEL";
  }
  return "";
}

// The models that one environment has open. Each number is one asker.
class OpenModels : public std::enable_shared_from_this<OpenModels> {
 public:
  static std::shared_ptr<OpenModels> create(Napi::Env env) {
    auto models = std::make_shared<OpenModels>();
    // Networks are freed before the process ends, while the card's libraries are still whole.
    env.AddCleanupHook([models] { models->close_all(); });
    return models;
  }

  uint32_t add(std::shared_ptr<ort::Model> model) {
    static std::atomic<uint32_t> next{1};
    const uint32_t id = next++;
    std::lock_guard<std::mutex> lock(mutex_);
    if (!is_closed_) by_id_[id] = std::move(model);
    return id;
  }

  // Null where there is none.
  std::shared_ptr<ort::Model> find(uint32_t id) const {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
  }

  void remove(uint32_t id) {
    std::lock_guard<std::mutex> lock(mutex_);
    by_id_.erase(id);
  }

 private:
  void close_all() {
    std::map<uint32_t, std::shared_ptr<ort::Model>> closing;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      is_closed_ = true;
      closing.swap(by_id_);
    }
  }

  mutable std::mutex mutex_;
  std::map<uint32_t, std::shared_ptr<ort::Model>> by_id_;
  bool is_closed_ = false;
};

using Models = std::shared_ptr<OpenModels>;

uint32_t id_argument(Napi::Value value) { return whole_argument(value, "id", 0, UINT32_MAX); }

std::shared_ptr<ort::Model> model_argument(const Models& models, Napi::Value value) {
  auto model = models->find(id_argument(value));
  if (model == nullptr) throw wrong_argument(value.Env(), "id", "the id of an open model", value);
  return model;
}

Napi::Object describe_model(Napi::Env env, uint32_t id, const ort::Model& model) {
  const ort::ModelInfo& info = model.info();
  Napi::Object graph = Napi::Object::New(env);
  graph.Set("isUsed", info.graph.is_used);
  graph.Set("reason", info.graph.reason);
  Napi::Object description = Napi::Object::New(env);
  description.Set("id", id);
  description.Set("provider", provider_name(model.options().provider));
  description.Set("graph", graph);
  description.Set("maxBatch", info.max_batch);
  return description;
}

Napi::Value open_model(const Models& models, const Napi::CallbackInfo& info) {
  const ort::ModelOptions options = model_options_argument(info[0]);
  return answer_later(info.Env(), [models, options]() -> Answer {
    const std::shared_ptr<cuda::Device> device = cuda::Device::current();
    if (device == nullptr) throw CodedError("no GPU is open; call openGpu first", "DIPTYCH_E_GPU");
    try {
      const std::shared_ptr<ort::Model> model = ort::Model::open(device, options);
      return [models, model](Napi::Env env, const Deferred& deferred) {
        deferred.resolve(env, describe_model(env, models->add(model), *model));
      };
    } catch (const ort::Failure& failure) {
      throw CodedError(failure.what(), code_of(failure.cause));
    }
  });
}

Napi::Value close_model(const Models& models, const Napi::CallbackInfo& info) {
  // Held until the thread has it, which then waits for what was asked.
  auto model = std::make_shared<std::shared_ptr<ort::Model>>(model_argument(models, info[0]));
  models->remove(id_argument(info[0]));
  return answer_later(info.Env(), [model]() -> Answer {
    model->reset();
    return resolve_undefined;
  });
}

Napi::Value describe_spread(Napi::Env env, const ort::Spread& spread) {
  Napi::Object description = Napi::Object::New(env);
  description.Set("p50", spread.p50);
  description.Set("p95", spread.p95);
  return description;
}

Napi::Value model_stats(const Models& models, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ort::RunSummary summary = model_argument(models, info[0])->summary();
  Napi::Object description = Napi::Object::New(env);
  description.Set("runs", static_cast<double>(summary.runs));
  description.Set("frames", static_cast<double>(summary.frames));
  description.Set("waitMs", describe_spread(env, summary.wait));
  description.Set("deviceMs", describe_spread(env, summary.device));
  description.Set("totalMs", describe_spread(env, summary.total));
  return description;
}

Napi::Value float_array(Napi::Env env, const std::vector<float>& values) {
  auto array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Value describe_answer(Napi::Env env, const ort::Detected& detected) {
  Napi::Object offset = Napi::Object::New(env);
  offset.Set("x", detected.mapping.offset_x);
  offset.Set("y", detected.mapping.offset_y);
  Napi::Object mapping = Napi::Object::New(env);
  mapping.Set("ratio", detected.mapping.ratio);
  mapping.Set("offset", offset);
  Napi::Object description = Napi::Object::New(env);
  description.Set("mapping", mapping);
  description.Set("stride", detected.candidates.stride);
  description.Set("values", float_array(env, detected.candidates.values));
  description.Set("isCut", detected.candidates.is_cut);
  return description;
}

Napi::Value describe_answer(Napi::Env env, const ort::Embedded& embedded) {
  auto sharpness = Napi::Float64Array::New(env, embedded.sharpness.size());
  std::copy(embedded.sharpness.begin(), embedded.sharpness.end(), sharpness.Data());
  Napi::Object description = Napi::Object::New(env);
  description.Set("embeddings", float_array(env, embedded.embeddings));
  description.Set("sharpness", sharpness);
  return description;
}

void settle(Napi::Env env, const Deferred& deferred, const ort::Answer& answer) {
  if (const auto* problem = std::get_if<ort::Problem>(&answer)) {
    deferred.reject(env, Failure{problem->text, code_of(problem->cause)});
    return;
  }
  try {
    const auto* detected = std::get_if<ort::Detected>(&answer);
    deferred.resolve(env, detected != nullptr ? describe_answer(env, *detected)
                                              : describe_answer(env, std::get<ort::Embedded>(answer)));
  } catch (const Napi::Error& error) {
    // Also where the environment is about to end: then nobody is told.
    deferred.reject(env, error);
  }
}

// Settles `deferred` on the thread of `env` with the answer.
ort::OnAnswer answer_to(Napi::Env env, const Deferred& deferred) {
  auto mailbox = Mailbox::of(env);
  mailbox->begin_wait(env);
  return [mailbox, deferred](ort::Answer answer) {
    mailbox->post([mailbox, deferred, answer = std::move(answer)](Napi::Env env) {
      mailbox->end_wait(env);
      settle(env, deferred, answer);
    });
  };
}

Napi::Value detect(const Models& models, const Napi::CallbackInfo& info) {
  const auto model = model_argument(models, info[0]);
  if (!model->options().decode) throw wrong_argument(info.Env(), "id", "the id of a detector", info[0]);
  FramePtr frame = frame_argument(info[1], "handle");
  const DetectArguments arguments = detect_arguments(info[2]);
  const Deferred deferred(info.Env());
  model->detect(id_argument(info[0]), std::move(frame), arguments.crop, arguments.score_threshold,
                answer_to(info.Env(), deferred));
  return deferred.promise(info.Env());
}

Napi::Value embed(const Models& models, const Napi::CallbackInfo& info) {
  const auto model = model_argument(models, info[0]);
  if (model->options().decode) throw wrong_argument(info.Env(), "id", "the id of an embedder", info[0]);
  FramePtr frame = frame_argument(info[1], "handle");
  std::vector<AffineMatrix> matrices = matrices_argument(info[2], ort::Model::kMostCrops);
  const Deferred deferred(info.Env());
  if (matrices.empty()) {
    settle(info.Env(), deferred, ort::Embedded{});
  } else {
    model->embed(id_argument(info[0]), std::move(frame), std::move(matrices), answer_to(info.Env(), deferred));
  }
  return deferred.promise(info.Env());
}

}  // namespace

void register_models(Napi::Env env, Napi::Object exports) {
  const Models models = OpenModels::create(env);
  const auto add = [&](const char* name, Napi::Value (*call)(const Models&, const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(
                          env, [models, call](const Napi::CallbackInfo& info) { return call(models, info); }, name));
  };
  add("openGpuModel", open_model);
  add("closeGpuModel", close_model);
  add("gpuModelStats", model_stats);
  add("detectOnGpu", detect);
  add("embedOnGpu", embed);
}

}  // namespace diptych
