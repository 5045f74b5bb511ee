#include "napi/failure.hpp"

#include "cuda/device.hpp"

namespace diptych {

Failure current_failure() {
  try {
    throw;
  } catch (const CodedError& error) {
    return {error.what(), error.code};
  } catch (const cuda::Error& error) {
    return {error.what(), error.is_lost || error.is_out_of_memory ? "DIPTYCH_E_GPU_LOST" : ""};
  } catch (const std::exception& error) {
    return {error.what(), ""};
  }
}

napi_value make_error(napi_env env, const Failure& failure) {
  napi_value message = nullptr;
  napi_value code = nullptr;
  napi_value error = nullptr;
  if (napi_create_string_utf8(env, failure.text.data(), failure.text.size(), &message) != napi_ok) return nullptr;
  if (!failure.code.empty() &&
      napi_create_string_utf8(env, failure.code.data(), failure.code.size(), &code) != napi_ok) {
    return nullptr;
  }
  return napi_create_error(env, code, message, &error) == napi_ok ? error : nullptr;
}

void throw_current_failure(Napi::Env env) {
  const Failure failure = current_failure();
  const napi_value error = make_error(env, failure);
  if (error == nullptr) throw Napi::Error::New(env, failure.text);
  throw Napi::Error(env, error);
}

}  // namespace diptych
