// A stand-in for libcuda.so.1, so that what runs on a GPU also runs where there is none: memory of
// the GPU is memory of the host, kernels are functions that run thread after thread, and every
// call is finished when it returns. Stricter than the real driver where that finds faults: copies
// must lie within allocations, calls need a current context, and a page that nobody may touch lies
// behind each allocation. A kernel that touches what it must not breaks its context for good
// (CUDA_ERROR_ILLEGAL_ADDRESS), as on the GPU.
//
// Environment, read when needed: SOFTCUDA_MEMORY_MB (size of the GPU, 8192), SOFTCUDA_CAPABILITY
// (9.0), SOFTCUDA_DEVICES (1).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "soft_state.hpp"

using namespace softcuda;

namespace {

constexpr int kTextureAlignment = 512;

struct SoftEvent {
  std::chrono::steady_clock::time_point time;
};

}  // namespace

extern "C" {

Result cuGetErrorName(Result result, const char** name) {
  switch (result) {
    case kSuccess: *name = "CUDA_SUCCESS"; break;
    case kInvalidValue: *name = "CUDA_ERROR_INVALID_VALUE"; break;
    case kOutOfMemory: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case kNotInitialized: *name = "CUDA_ERROR_NOT_INITIALIZED"; break;
    case kInvalidDevice: *name = "CUDA_ERROR_INVALID_DEVICE"; break;
    case kInvalidImage: *name = "CUDA_ERROR_INVALID_IMAGE"; break;
    case kInvalidContext: *name = "CUDA_ERROR_INVALID_CONTEXT"; break;
    case kNotFound: *name = "CUDA_ERROR_NOT_FOUND"; break;
    case kIllegalAddress: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    case kNotSupported: *name = "CUDA_ERROR_NOT_SUPPORTED"; break;
    default: *name = nullptr; return kInvalidValue;
  }
  return kSuccess;
}

Result cuGetErrorString(Result result, const char** text) {
  switch (result) {
    case kIllegalAddress: *text = "an illegal memory access was encountered"; return kSuccess;
    case kOutOfMemory: *text = "out of memory"; return kSuccess;
    default: *text = "of the stand-in driver"; return kSuccess;
  }
}

Result cuInit(unsigned) {
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  if (!all.is_initialized) guard_kernels();
  all.is_initialized = true;
  return kSuccess;
}

Result cuDriverGetVersion(int* version) {
  *version = 13000;
  return kSuccess;
}

Result cuDeviceGetCount(int* count) {
  if (!state().is_initialized) return kNotInitialized;
  *count = static_cast<int>(setting("SOFTCUDA_DEVICES", 1));
  return kSuccess;
}

Result cuDeviceGet(int* device, int ordinal) {
  int count = 0;
  if (const Result result = cuDeviceGetCount(&count)) return result;
  if (ordinal < 0 || ordinal >= count) return kInvalidDevice;
  *device = ordinal;
  return kSuccess;
}

Result cuDeviceGetName(char* name, int size, int) {
  snprintf(name, static_cast<size_t>(size), "Soft CUDA");
  return kSuccess;
}

Result cuDeviceGetAttribute(int* value, int attribute, int) {
  const char* text = getenv("SOFTCUDA_CAPABILITY");
  int major = 9;
  int minor = 0;
  if (text != nullptr) sscanf(text, "%d.%d", &major, &minor);
  switch (attribute) {
    case 14: *value = kTextureAlignment; return kSuccess;  // textures
    case 75: *value = major; return kSuccess;
    case 76: *value = minor; return kSuccess;
    default: *value = 0; return kSuccess;
  }
}

Result cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = gpu_bytes();
  return kSuccess;
}

Result cuDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;
  return kSuccess;
}

Result cuDevicePrimaryCtxRetain(SoftContext** context, int device) {
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  if (!all.is_initialized) return kNotInitialized;
  SoftContext*& primary = all.primary[device];
  if (primary == nullptr) primary = new SoftContext{device, kSuccess};
  *context = primary;
  return kSuccess;
}

// Nothing asks whether it is still there; contexts live as long as the process.
Result cuDevicePrimaryCtxRelease_v2(int device) {
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  return all.primary.count(device) == 0 ? kInvalidContext : kSuccess;
}

Result cuCtxCreate_v2(SoftContext** context, unsigned, int device) {
  if (!state().is_initialized) return kNotInitialized;
  *context = new SoftContext{device, kSuccess};
  context_stack().push_back(*context);
  return kSuccess;
}

// Handles are never used again, so that one that is too late is found out.
Result cuCtxDestroy_v2(SoftContext* context) {
  if (context == nullptr) return kInvalidContext;
  context->broken = kInvalidContext;
  if (current() == context) context_stack().pop_back();
  return kSuccess;
}

Result cuCtxPushCurrent_v2(SoftContext* context) {
  if (context == nullptr) return kInvalidContext;
  context_stack().push_back(context);
  return kSuccess;
}

Result cuCtxPopCurrent_v2(SoftContext** context) {
  if (context_stack().empty()) return kInvalidContext;
  if (context != nullptr) *context = context_stack().back();
  context_stack().pop_back();
  return kSuccess;
}

Result cuCtxSetCurrent(SoftContext* context) {
  if (!context_stack().empty()) context_stack().pop_back();
  if (context != nullptr) context_stack().push_back(context);
  return kSuccess;
}

Result cuCtxGetCurrent(SoftContext** context) {
  *context = current();
  return kSuccess;
}

Result cuCtxGetDevice(int* device) {
  if (current() == nullptr) return kInvalidContext;
  *device = current()->ordinal;
  return kSuccess;
}

Result cuThreadExchangeStreamCaptureMode(int* mode) {
  thread_local int current_mode = 0;
  if (*mode < 0 || *mode > 2) return kInvalidValue;
  std::swap(*mode, current_mode);
  return kSuccess;
}

Result cuCtxSynchronize() { return ready(); }
Result cuCtxEnablePeerAccess(SoftContext*, unsigned) { return kNotSupported; }
Result cuCtxDisablePeerAccess(SoftContext*) { return kNotSupported; }

Result cuStreamCreate(void** stream, unsigned) {
  if (const Result result = ready()) return result;
  *stream = new char;
  return kSuccess;
}

Result cuStreamDestroy_v2(void* stream) {
  delete static_cast<char*>(stream);
  return kSuccess;
}
Result cuStreamDestroy(void* stream) { return cuStreamDestroy_v2(stream); }

Result cuStreamSynchronize(void*) { return ready(); }
Result cuStreamQuery(void*) { return ready(); }
Result cuStreamWaitEvent(void*, void*, unsigned) { return ready(); }

Result cuEventCreate(SoftEvent** event, unsigned) {
  if (const Result result = ready()) return result;
  *event = new SoftEvent{};
  return kSuccess;
}

Result cuEventRecord(SoftEvent* event, void*) {
  if (const Result result = ready()) return result;
  event->time = std::chrono::steady_clock::now();
  return kSuccess;
}

Result cuEventQuery(SoftEvent*) { return ready(); }
Result cuEventSynchronize(SoftEvent*) { return ready(); }

Result cuEventElapsedTime(float* ms, SoftEvent* start, SoftEvent* end) {
  if (const Result result = ready()) return result;
  *ms = std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return kSuccess;
}

Result cuEventDestroy_v2(SoftEvent* event) {
  delete event;
  return kSuccess;
}

// What libgstcuda looks for and none of this needs.
Result cuGraphicsMapResources() { return kNotSupported; }
Result cuGraphicsUnmapResources() { return kNotSupported; }
Result cuGraphicsUnregisterResource() { return kNotSupported; }
Result cuGraphicsResourceSetMapFlags_v2() { return kNotSupported; }
Result cuGraphicsSubResourceGetMappedArray() { return kNotSupported; }
Result cuGraphicsResourceGetMappedPointer_v2() { return kNotSupported; }
Result cuGraphicsGLRegisterImage() { return kNotSupported; }
Result cuGraphicsGLRegisterBuffer() { return kNotSupported; }
Result cuGLGetDevices_v2() { return kNotSupported; }
Result cuTexObjectCreate() { return kNotSupported; }
Result cuTexObjectDestroy() { return kNotSupported; }

}  // extern "C"
