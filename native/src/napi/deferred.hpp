#pragma once

#include <napi.h>

#include <string>

#include "core/frame_store.hpp"
#include "napi/failure.hpp"

namespace diptych {

// A promise to be settled later, from a callback of the event loop. In plain N-API, because such
// callbacks also come while a worker thread ends and can't run JavaScript any more; an exception of
// the C++ wrapper would then end the process. A copy settles the same promise, which must be settled
// at most once. JavaScript thread only, but for copying and destroying.
class Deferred {
 public:
  // Throws Napi::Error where the promise can't be made.
  explicit Deferred(Napi::Env env);

  // Only within the call that made it.
  Napi::Promise promise(Napi::Env env) const { return {env, promise_}; }

  // False where JavaScript can't be told any more.
  bool resolve(napi_env env, napi_value value) const;
  // Resolves with a new handle of the frame; no handle is left where JavaScript can't be told.
  void resolve(napi_env env, FramePtr frame) const;
  // With an Error. Does nothing where JavaScript can't be told any more.
  void reject(napi_env env, const Failure& failure) const;
  void reject(napi_env env, const Napi::Error& error) const;

 private:
  napi_deferred deferred_ = nullptr;
  napi_value promise_ = nullptr;
};

}  // namespace diptych
