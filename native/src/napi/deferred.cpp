#include "napi/deferred.hpp"

#include <utility>

namespace diptych {

Deferred::Deferred(Napi::Env env) {
  if (napi_create_promise(env, &deferred_, &promise_) != napi_ok) throw Napi::Error::New(env);
}

bool Deferred::resolve(napi_env env, napi_value value) const {
  return napi_resolve_deferred(env, deferred_, value) == napi_ok;
}

void Deferred::resolve(napi_env env, FramePtr frame) const {
  const uint32_t handle = FrameStore::instance().add(std::move(frame), env);
  napi_value value = nullptr;
  const bool is_told = napi_create_uint32(env, handle, &value) == napi_ok && resolve(env, value);
  if (!is_told) FrameStore::instance().release(handle);
}

void Deferred::reject(napi_env env, const Failure& failure) const {
  if (napi_value error = make_error(env, failure)) napi_reject_deferred(env, deferred_, error);
}

void Deferred::reject(napi_env env, const Napi::Error& error) const {
  napi_reject_deferred(env, deferred_, error.Value());
}

}  // namespace diptych
