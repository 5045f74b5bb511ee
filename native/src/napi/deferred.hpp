#pragma once

#include <napi.h>

#include <string>

#include "napi/failure.hpp"

namespace diptych {

// A promise to be settled later, from a callback of the event loop. In plain N-API, because
// such callbacks also come while a worker thread ends and can't run JavaScript any more; an
// exception of the C++ wrapper would then end the process.
class Deferred {
 public:
  explicit Deferred(Napi::Env env) {
    if (napi_create_promise(env, &deferred_, &promise_) != napi_ok) throw Napi::Error::New(env);
  }

  // Only within the call that made it.
  Napi::Promise promise(Napi::Env env) const { return {env, promise_}; }

  // False where JavaScript can't be told any more.
  bool resolve(napi_env env, napi_value value) const {
    return napi_resolve_deferred(env, deferred_, value) == napi_ok;
  }

  void reject(napi_env env, const std::string& reason) const { reject(env, Failure{reason, ""}); }

  void reject(napi_env env, const Failure& failure) const {
    if (napi_value error = make_error(env, failure)) napi_reject_deferred(env, deferred_, error);
  }

 private:
  napi_deferred deferred_ = nullptr;
  napi_value promise_ = nullptr;
};

}  // namespace diptych
