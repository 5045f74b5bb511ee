#include <malloc.h>

#include "napi/napi.hpp"

namespace diptych {

namespace {

// What the C library's allocator holds for this process, in all of its arenas.
Napi::Value heap_usage(const Napi::CallbackInfo& info) {
  Napi::Object usage = Napi::Object::New(info.Env());
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
  const struct mallinfo2 counted = mallinfo2();
  usage["usedBytes"] = Napi::Number::New(info.Env(), static_cast<double>(counted.uordblks + counted.hblkhd));
  usage["freeBytes"] = Napi::Number::New(info.Env(), static_cast<double>(counted.fordblks));
#else
  usage["usedBytes"] = Napi::Number::New(info.Env(), 0);
  usage["freeBytes"] = Napi::Number::New(info.Env(), 0);
#endif
  return usage;
}

}  // namespace

void register_memory(Napi::Env env, Napi::Object exports) {
  exports["heapUsage"] = Napi::Function::New<heap_usage>(env, "heapUsage");
}

}  // namespace diptych
