#include "napi/compose_client.hpp"

#include <utility>

namespace diptych {

namespace {

Failure describe(const std::exception_ptr& failure) {
  if (failure == nullptr) return {};
  try {
    std::rethrow_exception(failure);
  } catch (...) {
    return current_failure();
  }
}

}  // namespace

std::shared_ptr<ComposeClient> ComposeClient::create(Napi::Env env) {
  auto client = std::make_shared<ComposeClient>();
  client->channel_ = Channel::New(env, "diptych compose", 0, 1, client.get());
  client->channel_.Unref(env);
  // Runs before the channel is torn down (hooks run last in, first out); afterwards the
  // compose threads must not touch the channel. They keep the client alive as well.
  env.AddCleanupHook([client] {
    std::lock_guard<std::mutex> lock(client->mutex_);
    client->closed_ = true;
  });
  return client;
}

Napi::Promise ComposeClient::submit(Napi::Env env, ComposeJob job, const std::function<void(ComposeJob)>& begin) {
  const Deferred deferred(env);
  job.done = [client = shared_from_this(), deferred](FramePtr frame, const std::exception_ptr& failure) {
    auto outcome = std::make_unique<Outcome>(Outcome{deferred, std::move(frame), describe(failure)});
    std::lock_guard<std::mutex> lock(client->mutex_);
    if (client->closed_) return;
    if (client->channel_.NonBlockingCall(outcome.get()) == napi_ok) outcome.release();
  };
  if (pending_++ == 0) channel_.Ref(env);
  begin(std::move(job));
  return deferred.promise(env);
}

void ComposeClient::settle(Napi::Env env, Napi::Function, ComposeClient* client, Outcome* outcome) {
  const std::unique_ptr<Outcome> owned(outcome);
  // Without an environment the channel is only being emptied, and the client may be gone.
  if (env == nullptr) return;
  if (--client->pending_ == 0) client->channel_.Unref(env);
  if (outcome->frame == nullptr) {
    outcome->deferred.reject(env, outcome->failure);
    return;
  }
  outcome->deferred.resolve(env, std::move(outcome->frame));
}

}  // namespace diptych
