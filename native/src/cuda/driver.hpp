#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// The part of the CUDA driver API that is used here, declared from its public documentation:
// functions, structures and numbers are part of its stable binary interface.
namespace diptych::cuda {

// CUresult, CUdevice, CUcontext, CUstream, CUevent, CUmodule, CUfunction and CUdeviceptr.
using Result = int;
using DeviceOrdinal = int;
using Context = void*;
using StreamHandle = void*;
using EventHandle = void*;
using ModuleHandle = void*;
using FunctionHandle = void*;
using DevicePointer = uint64_t;

enum : Result {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotReady = 600,
};
enum : unsigned {
  kStreamNonBlocking = 1,
  kEventBlockingSync = 1,
};
// CU_STREAM_CAPTURE_MODE_RELAXED.
constexpr int kCaptureRelaxed = 2;
enum : unsigned {
  kMemoryHost = 1,
  kMemoryDevice = 2,
};
enum : int {
  kPointerContext = 1,
  kCapabilityMajor = 75,
  kCapabilityMinor = 76,
};

// CUDA_MEMCPY2D.
struct Copy2D {
  size_t src_x = 0;
  size_t src_y = 0;
  unsigned src_type = 0;
  const void* src_host = nullptr;
  DevicePointer src_device = 0;
  void* src_array = nullptr;
  size_t src_pitch = 0;
  size_t dst_x = 0;
  size_t dst_y = 0;
  unsigned dst_type = 0;
  void* dst_host = nullptr;
  DevicePointer dst_device = 0;
  void* dst_array = nullptr;
  size_t dst_pitch = 0;
  size_t width = 0;
  size_t rows = 0;
};

// Member, symbol, parameters.
#define DIPTYCH_DRIVER_FUNCTIONS(X)                                                               \
  X(get_error_name, "cuGetErrorName", (Result, const char**))                                     \
  X(get_error_string, "cuGetErrorString", (Result, const char**))                                 \
  X(init, "cuInit", (unsigned))                                                                   \
  X(driver_get_version, "cuDriverGetVersion", (int*))                                             \
  X(device_get_count, "cuDeviceGetCount", (int*))                                                 \
  X(device_get, "cuDeviceGet", (DeviceOrdinal*, int))                                             \
  X(device_get_name, "cuDeviceGetName", (char*, int, DeviceOrdinal))                              \
  X(device_get_attribute, "cuDeviceGetAttribute", (int*, int, DeviceOrdinal))                     \
  X(device_total_mem, "cuDeviceTotalMem_v2", (size_t*, DeviceOrdinal))                            \
  X(primary_context_retain, "cuDevicePrimaryCtxRetain", (Context*, DeviceOrdinal))                \
  X(primary_context_release, "cuDevicePrimaryCtxRelease_v2", (DeviceOrdinal))                     \
  X(context_set_current, "cuCtxSetCurrent", (Context))                                            \
  X(thread_capture_mode, "cuThreadExchangeStreamCaptureMode", (int*))                             \
  X(context_synchronize, "cuCtxSynchronize", ())                                                  \
  X(memory_get_info, "cuMemGetInfo_v2", (size_t*, size_t*))                                       \
  X(memory_alloc, "cuMemAlloc_v2", (DevicePointer*, size_t))                                      \
  X(memory_free, "cuMemFree_v2", (DevicePointer))                                                 \
  X(host_alloc, "cuMemHostAlloc", (void**, size_t, unsigned))                                     \
  X(host_free, "cuMemFreeHost", (void*))                                                          \
  X(copy_2d, "cuMemcpy2DAsync_v2", (const Copy2D*, StreamHandle))                                 \
  X(copy_peer, "cuMemcpyPeerAsync",                                                               \
    (DevicePointer, Context, DevicePointer, Context, size_t, StreamHandle))                       \
  X(fill, "cuMemsetD8Async", (DevicePointer, unsigned char, size_t, StreamHandle))                \
  X(pointer_get_attribute, "cuPointerGetAttribute", (void*, int, DevicePointer))                  \
  X(stream_create, "cuStreamCreate", (StreamHandle*, unsigned))                                   \
  X(stream_synchronize, "cuStreamSynchronize", (StreamHandle))                                    \
  X(stream_wait_event, "cuStreamWaitEvent", (StreamHandle, EventHandle, unsigned))                \
  X(stream_destroy, "cuStreamDestroy_v2", (StreamHandle))                                         \
  X(event_create, "cuEventCreate", (EventHandle*, unsigned))                                      \
  X(event_record, "cuEventRecord", (EventHandle, StreamHandle))                                   \
  X(event_synchronize, "cuEventSynchronize", (EventHandle))                                       \
  X(event_elapsed, "cuEventElapsedTime", (float*, EventHandle, EventHandle))                      \
  X(event_destroy, "cuEventDestroy_v2", (EventHandle))                                            \
  X(module_load, "cuModuleLoadData", (ModuleHandle*, const void*))                                \
  X(module_get_function, "cuModuleGetFunction", (FunctionHandle*, ModuleHandle, const char*))     \
  X(launch, "cuLaunchKernel",                                                                     \
    (FunctionHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,        \
     StreamHandle, void**, void**))

// The functions of one libcuda. Any thread.
struct Driver {
#define DIPTYCH_DECLARE(member, symbol, parameters) Result(*member) parameters = nullptr;
  DIPTYCH_DRIVER_FUNCTIONS(DIPTYCH_DECLARE)
#undef DIPTYCH_DECLARE
  // What dlopen gave.
  void* library = nullptr;

  // "CUDA_ERROR_… (text)".
  std::string describe(Result result) const;
};

// Opens libcuda; an empty `path` is the usual one. Throws Error.
Driver open_driver(const std::string& path);

// Whether nothing works any more in a context after this result.
bool loses_device(Result result);

}  // namespace diptych::cuda
