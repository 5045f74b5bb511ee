#include "compose_client.hpp"

#include <utility>

namespace diptych {

std::shared_ptr<ComposeClient> ComposeClient::create(Napi::Env env) {
  auto client = std::make_shared<ComposeClient>();
  client->channel_ = Channel::New(env, "diptych compose", 0, 1, client.get());
  client->channel_.Unref(env);
  // Runs before the channel is torn down (hooks run last in, first out); afterwards the
  // compose thread must not touch the channel. It keeps the client alive as well.
  env.AddCleanupHook([client] {
    std::lock_guard<std::mutex> lock(client->mutex_);
    client->closed_ = true;
  });
  return client;
}

Napi::Promise ComposeClient::submit(Napi::Env env, ComposeJob job) {
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) throw Napi::Error::New(env);
  job.done = [client = shared_from_this(), deferred](FramePtr frame, std::string error) {
    auto outcome = std::make_unique<Outcome>(Outcome{deferred, std::move(frame), std::move(error)});
    std::lock_guard<std::mutex> lock(client->mutex_);
    if (client->closed_) return;
    if (client->channel_.NonBlockingCall(outcome.get()) == napi_ok) outcome.release();
  };
  if (pending_++ == 0) channel_.Ref(env);
  ComposeThread::instance().submit(std::move(job));
  return {env, promise};
}

void ComposeClient::settle(Napi::Env env, Napi::Function, ComposeClient* client, Outcome* outcome) {
  const std::unique_ptr<Outcome> owned(outcome);
  // Without an environment the channel is only being emptied, and the client may be gone.
  if (env == nullptr) return;
  if (--client->pending_ == 0) client->channel_.Unref(env);
  // In plain N-API, because this is also called while a worker thread ends and can't run
  // JavaScript any more; then an exception of the C++ wrapper would end the process.
  const napi_deferred deferred = outcome->deferred;
  napi_value value = nullptr;
  if (outcome->frame == nullptr) {
    napi_value message = nullptr;
    napi_create_string_utf8(env, outcome->error.c_str(), outcome->error.size(), &message);
    if (napi_create_error(env, nullptr, message, &value) == napi_ok) {
      napi_reject_deferred(env, deferred, value);
    }
    return;
  }
  const uint32_t handle = FrameStore::instance().add(std::move(outcome->frame));
  const bool told = napi_create_uint32(env, handle, &value) == napi_ok &&
                    napi_resolve_deferred(env, deferred, value) == napi_ok;
  if (!told) FrameStore::instance().release(handle);
}

}  // namespace diptych
