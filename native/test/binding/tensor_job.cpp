#include "tensor_job.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "napi/pixel_arguments.hpp"

namespace diptych::test {

TensorJob::TensorJob(Napi::Float32Array tensor, Work work)
    : Napi::AsyncWorker(tensor.Env(), "diptych tensor"),
      deferred_(tensor.Env()),
      work_(std::move(work)),
      to_(Napi::Persistent(tensor)),
      made_(tensor.ElementLength()) {}

Napi::Promise TensorJob::start(Napi::Float32Array tensor, Work work) {
  const Napi::Env env = tensor.Env();
  auto* job = new TensorJob(tensor, std::move(work));
  const Napi::Promise promise = job->deferred_.promise(env);
  job->Queue();
  return promise;
}

void TensorJob::Execute() {
  try {
    mapping_ = work_(made_);
  } catch (const std::exception&) {
    failure_ = current_failure();
  }
  work_ = nullptr;
}

void TensorJob::OnWorkComplete(Napi::Env env, napi_status status) {
  if (status == napi_ok) {
    const Napi::HandleScope scope(env);
    if (!failure_.text.empty()) {
      deferred_.reject(env, failure_);
    } else {
      std::copy(made_.begin(), made_.end(), to_.Value().Data());
      deferred_.resolve(env, mapping_ ? static_cast<napi_value>(describe_mapping(env, *mapping_)) : env.Undefined());
    }
  }
  Destroy();
}

}  // namespace diptych::test
