#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

// What the parts of the stand-in driver share.
namespace softcuda {

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

struct State {
  std::mutex mutex;
  bool is_initialized = false;
  size_t used = 0;
  std::map<Pointer, Allocation> allocations;
  std::map<int, SoftContext*> primary;
};

State& state();

// A whole number of the environment, or `otherwise` where it is not set.
long setting(const char* name, long otherwise);
size_t gpu_bytes();

// The calling thread's contexts; the last is current.
std::vector<SoftContext*>& context_stack();
SoftContext* current();
// Not initialized, no context, or what broke the context; else success.
Result ready();

// Under the state's lock. Null where the address lies in no allocation; `start` becomes that of the
// allocation.
const Allocation* allocation_of(Pointer address, Pointer* start = nullptr);

// Lets a kernel's access to memory that is not there end the kernel instead of the process; once.
void guard_kernels();

}  // namespace softcuda
