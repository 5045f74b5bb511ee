#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>

#include "core/compose_threads.hpp"
#include "napi/deferred.hpp"

namespace diptych {

// The way back from the compose threads to one JavaScript environment. Jobs whose environment
// ends meanwhile are done and forgotten.
class ComposeClient : public std::enable_shared_from_this<ComposeClient> {
 public:
  // Once for each function of an environment; lives until it ends.
  static std::shared_ptr<ComposeClient> create(Napi::Env env);
  // Resolves with the handle of the frame; `begin` gives the job to the threads that do it.
  // JavaScript thread only.
  Napi::Promise submit(Napi::Env env, ComposeJob job, const std::function<void(ComposeJob)>& begin);

 private:
  struct Outcome {
    Deferred deferred;
    FramePtr frame;
    Failure failure;
  };
  static void settle(Napi::Env env, Napi::Function, ComposeClient* client, Outcome* outcome);
  using Channel = Napi::TypedThreadSafeFunction<ComposeClient, Outcome, &ComposeClient::settle>;

  Channel channel_;
  // Jobs under way; while there are any, the event loop stays alive. JavaScript thread only.
  int pending_ = 0;
  std::mutex mutex_;
  bool closed_ = false;
};

}  // namespace diptych
