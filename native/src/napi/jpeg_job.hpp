#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "core/frame_store.hpp"
#include "napi/deferred.hpp"
#include "napi/failure.hpp"

namespace diptych {

// One picture encoded on a thread of libuv's pool. Deletes itself when it is done.
class JpegJob : public Napi::AsyncWorker {
 public:
  // Resolves with a Uint8Array; `quality` 1 … 100.
  static Napi::Promise start(Napi::Env env, FramePtr frame, int quality);

 protected:
  void Execute() override;
  void OnWorkComplete(Napi::Env env, napi_status status) override;

 private:
  JpegJob(Napi::Env env, FramePtr frame, int quality);

  Deferred deferred_;
  FramePtr frame_;
  int quality_;
  std::vector<uint8_t> data_;
  Failure failure_;
};

}  // namespace diptych
