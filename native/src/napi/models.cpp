#include <memory>
#include <utility>

#include "cuda/device.hpp"
#include "napi/answer_later.hpp"
#include "napi/arguments.hpp"
#include "napi/deferred.hpp"
#include "napi/failure.hpp"
#include "napi/mailbox.hpp"
#include "napi/model_arguments.hpp"
#include "napi/napi.hpp"
#include "napi/open_models.hpp"
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

uint32_t id_argument(Napi::Value value) { return whole_argument(value, "id", 0, UINT32_MAX); }

std::shared_ptr<ort::Model> model_argument(Napi::Value value) {
  auto model = OpenModels::instance().find(id_argument(value));
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

Napi::Value open_model(const Napi::CallbackInfo& info) {
  const ort::ModelOptions options = model_options_argument(info[0]);
  return answer_later(info.Env(), [options]() -> Answer {
    const std::shared_ptr<cuda::Device> device = cuda::Device::current();
    if (device == nullptr) throw CodedError("no GPU is open; call openGpu first", "DIPTYCH_E_GPU");
    try {
      const std::shared_ptr<ort::Model> model = ort::Model::open(device, options);
      return [model](Napi::Env env, const Deferred& deferred) {
        deferred.resolve(env, describe_model(env, OpenModels::instance().add(env, model), *model));
      };
    } catch (const ort::Failure& failure) {
      throw CodedError(failure.what(), code_of(failure.cause));
    }
  });
}

Napi::Value close_model(const Napi::CallbackInfo& info) {
  // Held until the thread has it, which then waits for what was asked.
  auto model = std::make_shared<std::shared_ptr<ort::Model>>(model_argument(info[0]));
  OpenModels::instance().remove(id_argument(info[0]));
  return answer_later(info.Env(), [model]() -> Answer {
    model->reset();
    return resolve_undefined;
  });
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
  if (!detected.sketch.empty()) {
    auto sketch = Napi::Uint8Array::New(env, detected.sketch.size());
    std::copy(detected.sketch.begin(), detected.sketch.end(), sketch.Data());
    description.Set("sketch", sketch);
  }
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

Napi::Value detect(const Napi::CallbackInfo& info) {
  const auto model = model_argument(info[0]);
  if (!model->options().decode) throw wrong_argument(info.Env(), "id", "the id of a detector", info[0]);
  FramePtr frame = frame_argument(info[1], "handle");
  const DetectArguments arguments = detect_arguments(info[2]);
  const Deferred deferred(info.Env());
  model->detect(id_argument(info[0]), std::move(frame), arguments.crop, arguments.score_threshold,
                arguments.sketch_step, answer_to(info.Env(), deferred));
  return deferred.promise(info.Env());
}

Napi::Value embed(const Napi::CallbackInfo& info) {
  const auto model = model_argument(info[0]);
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
  OpenModels::instance().close_with(env);
  exports["openGpuModel"] = Napi::Function::New<open_model>(env, "openGpuModel");
  exports["closeGpuModel"] = Napi::Function::New<close_model>(env, "closeGpuModel");
  exports["detectOnGpu"] = Napi::Function::New<detect>(env, "detectOnGpu");
  exports["embedOnGpu"] = Napi::Function::New<embed>(env, "embedOnGpu");
}

}  // namespace diptych
