#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "soft_state.hpp"

using namespace softcuda;

namespace {

constexpr size_t kPage = 4096;
// What cuMemAlloc aligns to at least.
constexpr size_t kAlignment = 256;
constexpr size_t kPitchAlignment = 512;

bool lies_within(Pointer address, size_t size, const SoftContext* context) {
  if (size == 0) return true;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  Pointer start = 0;
  const Allocation* allocation = allocation_of(address, &start);
  return allocation != nullptr && address + size <= start + allocation->size && allocation->context == context;
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
  if (all.used + size > gpu_bytes()) return kOutOfMemory;
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

Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (const Result result = ready()) return result;
  State& all = state();
  std::lock_guard<std::mutex> lock(all.mutex);
  *total = gpu_bytes();
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

}  // extern "C"
