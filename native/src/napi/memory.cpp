#include <malloc.h>

#include "core/free_memory.hpp"
#include "core/loaded_code.hpp"
#include "napi/answer_later.hpp"
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

Napi::Value free_memory_returned(const Napi::CallbackInfo& info) {
  return answer_later(info.Env(), []() -> Answer {
    return_free_memory_now();
    return resolve_undefined;
  });
}

Napi::Value loaded_code_unmapped(const Napi::CallbackInfo& info) {
  return answer_later(info.Env(), []() -> Answer {
    const auto bytes = static_cast<double>(unmap_loaded_code());
    return [bytes](Napi::Env env, const Deferred& deferred) { deferred.resolve(env, Napi::Number::New(env, bytes)); };
  });
}

}  // namespace

void register_memory(Napi::Env env, Napi::Object exports) {
  exports["heapUsage"] = Napi::Function::New<heap_usage>(env, "heapUsage");
  exports["returnFreeMemory"] = Napi::Function::New<free_memory_returned>(env, "returnFreeMemory");
  exports["unmapLoadedCode"] = Napi::Function::New<loaded_code_unmapped>(env, "unmapLoadedCode");
}

}  // namespace diptych
