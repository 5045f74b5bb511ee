#include <utility>

#include "cuda/compose_thread.hpp"
#include "napi/arguments.hpp"
#include "napi/compose_client.hpp"
#include "napi/napi.hpp"
#include "napi/opened_device.hpp"
#include "napi/pixel_arguments.hpp"

namespace diptych {

namespace {

Napi::Value compose_on_gpu(ComposeClient& client, const Napi::CallbackInfo& info) {
  ComposeJob job = compose_job_argument(info[0], info[1]);
  const bool to_host = choice_argument(info[2], "memory", "system", "cuda");
  opened_device(info.Env());
  return client.submit(info.Env(), std::move(job), [to_host](ComposeJob begun) {
    cuda::ComposeThread::instance().submit(std::move(begun), to_host);
  });
}

}  // namespace

void register_gpu_pixels(Napi::Env env, Napi::Object exports) {
  const auto client = ComposeClient::create(env);
  exports.Set("composeOnGpu", Napi::Function::New(
                                  env,
                                  [client](const Napi::CallbackInfo& info) { return compose_on_gpu(*client, info); },
                                  "composeOnGpu"));
}

}  // namespace diptych
