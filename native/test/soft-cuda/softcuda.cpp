// A stand-in for libcuda.so.1, so that what runs on a GPU also runs where there is none: memory of
// the card is memory of the host, kernels are functions that run thread after thread, and every
// call is finished when it returns. Stricter than the real driver where that finds faults: copies
// must lie within allocations, calls need a current context, and a page that nobody may touch lies
// behind each allocation. A kernel that touches what it must not breaks its context for good
// (CUDA_ERROR_ILLEGAL_ADDRESS), as on the card.
//
// Environment, read when needed: SOFTCUDA_MEMORY_MB (size of the card, 8192), SOFTCUDA_CAPABILITY
// (9.0), SOFTCUDA_DEVICES (1).
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "soft_image.hpp"

namespace {

using Result = int;
using Pointer = uint64_t;

enum : Result {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNotFound = 500,
  kIllegalAddress = 700,
  kNotSupported = 801,
};

constexpr size_t kPage = 4096;
// What cuMemAlloc aligns to at least.
constexpr size_t kAlignment = 256;
constexpr size_t kPitchAlignment = 512;
constexpr unsigned kMostThreads = 1024;

struct SoftContext {
  int ordinal = 0;
  Result broken = kSuccess;
};

struct Allocation {
  size_t size;
  SoftContext* context;
  void* mapped;
  size_t mapped_size;
};

struct SoftEvent {
  std::chrono::steady_clock::time_point time;
};

struct SoftThread {
  int x;
  int y;
  int z;
};
using SoftKernel = void (*)(const SoftThread&, const void*);

struct State {
  std::mutex mutex;
  bool is_initialized = false;
  size_t used = 0;
  std::map<Pointer, Allocation> allocations;
  std::map<int, SoftContext*> primary;
};

State& state() {
  static State* only = new State();
  return *only;
}

thread_local std::vector<SoftContext*> context_stack;

long setting(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : strtol(text, nullptr, 10);
}

size_t card_bytes() { return static_cast<size_t>(setting("SOFTCUDA_MEMORY_MB", 8192)) << 20; }

SoftContext* current() { return context_stack.empty() ? nullptr : context_stack.back(); }

Result ready() {
  if (!state().is_initialized) return kNotInitialized;
  const SoftContext* context = current();
  return context == nullptr ? kInvalidContext : context->broken;
}

// Under the state's lock.
const Allocation* allocation_of(Pointer address, Pointer* start = nullptr) {
  auto after = state().allocations.upper_bound(address);
  if (after == state().allocations.begin()) return nullptr;
  --after;
  if (address >= after->first + after->second.size) return nullptr;
  if (start != nullptr) *start = after->first;
  return &after->second;
}

bool lies_within(Pointer address, size_t size, const SoftContext* context) {
  if (size == 0) return true;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  Pointer start = 0;
  const Allocation* allocation = allocation_of(address, &start);
  return allocation != nullptr && address + size <= start + allocation->size && allocation->context == context;
}

// A kernel's access to memory that is not there ends the kernel instead of the process.
thread_local sigjmp_buf way_out;
thread_local bool is_in_kernel = false;
struct sigaction before_segv;
struct sigaction before_bus;

void on_fault(int signal, siginfo_t* info, void* context) {
  if (is_in_kernel) siglongjmp(way_out, 1);
  const struct sigaction& before = signal == SIGBUS ? before_bus : before_segv;
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    sigaction(signal, &before, nullptr);
  }
}

void guard_kernels() {
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &before_segv);
  sigaction(SIGBUS, &action, &before_bus);
}

struct Copy2D {
  size_t src_x, src_y;
  unsigned src_type;
  const void* src_host;
  Pointer src_device;
  void* src_array;
  size_t src_pitch;
  size_t dst_x, dst_y;
  unsigned dst_type;
  void* dst_host;
  Pointer dst_device;
  void* dst_array;
  size_t dst_pitch;
  size_t width, rows;
};

constexpr unsigned kHost = 1;
constexpr unsigned kDevice = 2;

Result copy_2d(const Copy2D* copy) {
  if (const Result result = ready()) return result;
  if (copy == nullptr || copy->width == 0 || copy->rows == 0) return copy == nullptr ? kInvalidValue : kSuccess;
  if ((copy->src_type != kHost && copy->src_type != kDevice) || (copy->dst_type != kHost && copy->dst_type != kDevice)) {
    return kInvalidValue;
  }
  // A pitch of 0 is that of packed rows.
  const size_t src_pitch = copy->src_pitch == 0 ? copy->src_x + copy->width : copy->src_pitch;
  const size_t dst_pitch = copy->dst_pitch == 0 ? copy->dst_x + copy->width : copy->dst_pitch;
  if (src_pitch < copy->src_x + copy->width || dst_pitch < copy->dst_x + copy->width) return kInvalidValue;
  const Pointer from = (copy->src_type == kHost ? reinterpret_cast<Pointer>(copy->src_host) : copy->src_device) +
                       copy->src_y * src_pitch + copy->src_x;
  const Pointer to = (copy->dst_type == kHost ? reinterpret_cast<Pointer>(copy->dst_host) : copy->dst_device) +
                     copy->dst_y * dst_pitch + copy->dst_x;
  if (copy->src_type == kDevice && !lies_within(from, (copy->rows - 1) * src_pitch + copy->width, current())) {
    return kInvalidValue;
  }
  if (copy->dst_type == kDevice && !lies_within(to, (copy->rows - 1) * dst_pitch + copy->width, current())) {
    return kInvalidValue;
  }
  for (size_t row = 0; row < copy->rows; ++row) {
    memcpy(reinterpret_cast<void*>(to + row * dst_pitch), reinterpret_cast<const void*>(from + row * src_pitch),
           copy->width);
  }
  return kSuccess;
}

Result allocate(Pointer* address, size_t size) {
  if (const Result result = ready()) return result;
  if (address == nullptr || size == 0) return kInvalidValue;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  if (all.used + size > card_bytes()) return kOutOfMemory;
  const size_t whole = (size + kPage - 1) / kPage * kPage;
  void* mapped = mmap(nullptr, whole + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return kOutOfMemory;
  mprotect(static_cast<char*>(mapped) + whole, kPage, PROT_NONE);
  // As near to the closed page as the alignment allows.
  const size_t aligned = (size + kAlignment - 1) / kAlignment * kAlignment;
  *address = reinterpret_cast<Pointer>(mapped) + whole - aligned;
  all.allocations[*address] = {size, current(), mapped, whole + kPage};
  all.used += size;
  return kSuccess;
}

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
    case 14: *value = static_cast<int>(kPitchAlignment); return kSuccess;  // textures
    case 75: *value = major; return kSuccess;
    case 76: *value = minor; return kSuccess;
    default: *value = 0; return kSuccess;
  }
}

Result cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = card_bytes();
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
  context_stack.push_back(*context);
  return kSuccess;
}

// Handles are never used again, so that one that is too late is found out.
Result cuCtxDestroy_v2(SoftContext* context) {
  if (context == nullptr) return kInvalidContext;
  context->broken = kInvalidContext;
  if (current() == context) context_stack.pop_back();
  return kSuccess;
}

Result cuCtxPushCurrent_v2(SoftContext* context) {
  if (context == nullptr) return kInvalidContext;
  context_stack.push_back(context);
  return kSuccess;
}

Result cuCtxPopCurrent_v2(SoftContext** context) {
  if (context_stack.empty()) return kInvalidContext;
  if (context != nullptr) *context = context_stack.back();
  context_stack.pop_back();
  return kSuccess;
}

Result cuCtxSetCurrent(SoftContext* context) {
  if (!context_stack.empty()) context_stack.pop_back();
  if (context != nullptr) context_stack.push_back(context);
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

Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (const Result result = ready()) return result;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  *total = card_bytes();
  *free = *total > all.used ? *total - all.used : 0;
  return kSuccess;
}

Result cuMemAlloc_v2(Pointer* address, size_t size) { return allocate(address, size); }

Result cuMemAllocPitch_v2(Pointer* address, size_t* pitch, size_t width, size_t rows, unsigned) {
  *pitch = (width + kPitchAlignment - 1) / kPitchAlignment * kPitchAlignment;
  return allocate(address, *pitch * rows);
}

Result cuMemFree_v2(Pointer address) {
  if (const Result result = ready()) return result;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.allocations.find(address);
  if (found == all.allocations.end()) return kInvalidValue;
  munmap(found->second.mapped, found->second.mapped_size);
  all.used -= found->second.size;
  all.allocations.erase(found);
  return kSuccess;
}

Result cuMemHostAlloc(void** data, size_t size, unsigned) {
  if (const Result result = ready()) return result;
  *data = aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage);
  return *data == nullptr ? kOutOfMemory : kSuccess;
}

Result cuMemAllocHost_v2(void** data, size_t size) { return cuMemHostAlloc(data, size, 0); }

Result cuMemFreeHost(void* data) {
  if (const Result result = ready()) return result;
  free(data);
  return kSuccess;
}

Result cuMemcpy2DAsync_v2(const Copy2D* copy, void*) { return copy_2d(copy); }
Result cuMemcpy2D_v2(const Copy2D* copy) { return copy_2d(copy); }

Result cuMemcpyPeerAsync(Pointer to, SoftContext* to_context, Pointer from, SoftContext* from_context, size_t size,
                         void*) {
  if (const Result result = ready()) return result;
  if (!lies_within(to, size, to_context) || !lies_within(from, size, from_context)) return kInvalidValue;
  memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), size);
  return kSuccess;
}

Result cuMemsetD8Async(Pointer to, unsigned char value, size_t size, void*) {
  if (const Result result = ready()) return result;
  if (!lies_within(to, size, current())) return kInvalidValue;
  memset(reinterpret_cast<void*>(to), value, size);
  return kSuccess;
}

Result cuPointerGetAttribute(void* value, int attribute, Pointer address) {
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  const Allocation* allocation = allocation_of(address);
  if (allocation == nullptr) return kInvalidValue;
  if (attribute == 1) {
    *static_cast<SoftContext**>(value) = allocation->context;
  } else if (attribute == 2) {
    *static_cast<unsigned*>(value) = kDevice;
  } else {
    return kNotSupported;
  }
  return kSuccess;
}

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

Result cuModuleLoadData(void** module, const void* image) {
  if (const Result result = ready()) return result;
  SoftImageHeader header;
  memcpy(&header, image, sizeof header);
  if (memcmp(header.magic, kSoftImageMagic, sizeof header.magic) != 0) return kInvalidImage;
  const char* folder = getenv("TMPDIR");
  std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/softcuda-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return kInvalidImage;
  const char* code = static_cast<const char*>(image) + sizeof header;
  size_t written = 0;
  while (written < header.size) {
    const ssize_t count = write(file, code + written, header.size - written);
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  close(file);
  *module = written == header.size ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(path.c_str());
  return *module == nullptr ? kInvalidImage : kSuccess;
}

Result cuModuleGetFunction(void** function, void* module, const char* name) {
  if (const Result result = ready()) return result;
  *function = dlsym(module, name);
  return *function == nullptr ? kNotFound : kSuccess;
}

Result cuModuleUnload(void* module) {
  dlclose(module);
  return kSuccess;
}

Result cuLaunchKernel(void* function, unsigned blocks_x, unsigned blocks_y, unsigned blocks_z, unsigned threads_x,
                      unsigned threads_y, unsigned threads_z, unsigned, void*, void** params, void**) {
  if (const Result result = ready()) return result;
  if (function == nullptr || params == nullptr || blocks_x == 0 || blocks_y == 0 || blocks_z == 0 || threads_x == 0 ||
      threads_y == 0 || threads_z != 1 || threads_x * threads_y > kMostThreads || blocks_y > 65535 || blocks_z > 65535) {
    return kInvalidValue;
  }
  const auto kernel = reinterpret_cast<SoftKernel>(function);
  SoftContext* const context = current();
  if (sigsetjmp(way_out, 1) != 0) {
    is_in_kernel = false;
    context->broken = kIllegalAddress;
    return kSuccess;  // as the card, which tells it at the next call
  }
  is_in_kernel = true;
  const int width = static_cast<int>(blocks_x * threads_x);
  const int height = static_cast<int>(blocks_y * threads_y);
  for (int z = 0; z < static_cast<int>(blocks_z); ++z) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) kernel({x, y, z}, params[0]);
    }
  }
  is_in_kernel = false;
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
