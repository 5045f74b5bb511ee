#pragma once

#include <napi.h>

#include <functional>
#include <optional>
#include <vector>

#include "core/tensor.hpp"
#include "napi/deferred.hpp"
#include "napi/failure.hpp"

namespace diptych::test {

// One tensor made on a thread of libuv's pool and then copied to JavaScript's. Deletes itself when
// it is done.
class TensorJob : public Napi::AsyncWorker {
 public:
  // Fills the tensor, whose length it has; the mapping is what the promise is resolved with, where
  // there is one.
  using Work = std::function<std::optional<TensorMapping>(std::vector<float>& tensor)>;
  static Napi::Promise start(Napi::Float32Array tensor, Work work);

 protected:
  void Execute() override;
  void OnWorkComplete(Napi::Env env, napi_status status) override;

 private:
  TensorJob(Napi::Float32Array tensor, Work work);

  Deferred deferred_;
  Work work_;
  // Kept alive meanwhile.
  Napi::Reference<Napi::Float32Array> to_;
  std::vector<float> made_;
  std::optional<TensorMapping> mapping_;
  Failure failure_;
};

}  // namespace diptych::test
