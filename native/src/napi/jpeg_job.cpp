#include "napi/jpeg_job.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/jpeg.hpp"

namespace diptych {

JpegJob::JpegJob(Napi::Env env, FramePtr frame, int quality)
    : Napi::AsyncWorker(env, "diptych jpeg"), deferred_(env), frame_(std::move(frame)), quality_(quality) {}

Napi::Promise JpegJob::start(Napi::Env env, FramePtr frame, int quality) {
  auto* job = new JpegJob(env, std::move(frame), quality);
  const Napi::Promise promise = job->deferred_.promise(env);
  job->Queue();
  return promise;
}

void JpegJob::Execute() {
  try {
    data_ = encode_jpeg(frame_, quality_);
  } catch (const std::exception&) {
    failure_ = current_failure();
  }
  frame_.reset();
}

void JpegJob::OnWorkComplete(Napi::Env env, napi_status status) {
  if (status == napi_ok) {
    const Napi::HandleScope scope(env);
    void* bytes = nullptr;
    napi_value buffer = nullptr;
    napi_value view = nullptr;
    if (!failure_.text.empty()) {
      deferred_.reject(env, failure_);
    } else if (napi_create_arraybuffer(env, data_.size(), &bytes, &buffer) == napi_ok) {
      std::copy(data_.begin(), data_.end(), static_cast<uint8_t*>(bytes));
      if (napi_create_typedarray(env, napi_uint8_array, data_.size(), buffer, 0, &view) == napi_ok) {
        deferred_.resolve(env, view);
      }
    }
  }
  Destroy();
}

}  // namespace diptych
