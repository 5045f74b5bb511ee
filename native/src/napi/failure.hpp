#pragma once

#include <napi.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace diptych {

// Why a promise is rejected: an Error with this message, and `code` as its property of that name
// where there is one.
struct Failure {
  std::string text;
  std::string code;
};

// A failure whose code is known where it is thrown.
class CodedError : public std::runtime_error {
 public:
  // One sentence, and a code of docs and API, e.g. DIPTYCH_E_GPU.
  CodedError(const std::string& text, std::string code) : std::runtime_error(text), code(std::move(code)) {}
  const std::string code;
};

// Of the exception being handled, within a catch: `DIPTYCH_E_GPU_LOST` where the GPU is lost or its
// memory is used up, the code of a CodedError, else none.
Failure current_failure();

// Null where JavaScript can't be told any more.
napi_value make_error(napi_env env, const Failure& failure);
// The exception being handled as one of JavaScript, with its code.
[[noreturn]] void throw_current_failure(Napi::Env env);

}  // namespace diptych
