#include "cuda/memory.hpp"

#include <exception>
#include <mutex>
#include <utility>

namespace diptych::cuda {

namespace {

constexpr const char* kTypeOfGstreamer = "gst.cuda.memory";
constexpr const char* kOwnType = "diptych.cuda.memory";

struct OwnMemory {
  GstMemory base;
  // Where the pixels lie: in our own buffer, or in memory of others, who are told when it is free.
  Address address = 0;
  size_t size = 0;
  Buffer pixels;
  std::function<void()> release;
  std::mutex mutex;
  // What a mapping to the host sees; made by the first.
  PinnedBuffer copy;
  bool is_copied = false;
};

struct DiptychCudaAllocator {
  GstAllocator parent;
  std::shared_ptr<Device>* device;
  // For copies to the host, one at a time.
  Stream* stream;
  std::mutex* mutex;
};

struct DiptychCudaAllocatorClass {
  GstAllocatorClass parent_class;
};

G_DEFINE_TYPE(DiptychCudaAllocator, diptych_cuda_allocator, GST_TYPE_ALLOCATOR)

thread_local std::exception_ptr allocation_failure;

DiptychCudaAllocator* allocator_of(GstMemory* memory) {
  return reinterpret_cast<DiptychCudaAllocator*>(memory->allocator);
}

// Exceptions must not pass through GStreamer.
GstMemory* allocate(GstAllocator* allocator, gsize size, GstAllocationParams*) {
  auto* self = reinterpret_cast<DiptychCudaAllocator*>(allocator);
  try {
    auto memory = std::make_unique<OwnMemory>();
    memory->pixels = Buffer(*self->device, size);
    memory->address = memory->pixels.address();
    memory->size = size;
    gst_memory_init(&memory->base, GST_MEMORY_FLAG_NO_SHARE, allocator, nullptr, size, 0, 0, size);
    return &memory.release()->base;
  } catch (const std::exception&) {
    allocation_failure = std::current_exception();
    return nullptr;
  }
}

void release(GstAllocator*, GstMemory* base) {
  auto* memory = reinterpret_cast<OwnMemory*>(base);
  if (memory->release) memory->release();
  delete memory;
}

gpointer map(GstMemory* base, GstMapInfo* info, gsize) {
  auto* memory = reinterpret_cast<OwnMemory*>(base);
  std::lock_guard<std::mutex> lock(memory->mutex);
  if ((info->flags & kMapOnGpu) != 0) {
    if ((info->flags & GST_MAP_WRITE) != 0) memory->is_copied = false;
    return reinterpret_cast<gpointer>(memory->address);
  }
  // Painted by kernels only.
  if ((info->flags & GST_MAP_WRITE) != 0) return nullptr;
  if (memory->is_copied) return memory->copy.data();
  DiptychCudaAllocator* allocator = allocator_of(base);
  try {
    const size_t size = memory->size;
    if (memory->copy.data() == nullptr) memory->copy = PinnedBuffer(*allocator->device, size);
    std::lock_guard<std::mutex> one_copy(*allocator->mutex);
    allocator->stream->copy_to_host(memory->copy.data(), size, memory->address, size, size, 1, Purpose::kFrame);
    allocator->stream->wait();
  } catch (const std::exception& failure) {
    GST_WARNING_OBJECT(base->allocator, "%s", failure.what());
    return nullptr;
  }
  memory->is_copied = true;
  return memory->copy.data();
}

void unmap(GstMemory*, GstMapInfo*) {}

void diptych_cuda_allocator_class_init(DiptychCudaAllocatorClass* type) {
  GST_ALLOCATOR_CLASS(type)->alloc = allocate;
  GST_ALLOCATOR_CLASS(type)->free = release;
}

void diptych_cuda_allocator_init(DiptychCudaAllocator* self) {
  self->parent.mem_type = kOwnType;
  self->parent.mem_map_full = map;
  self->parent.mem_unmap_full = unmap;
  GST_OBJECT_FLAG_SET(self, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

}  // namespace

bool is_memory_of_gstreamer(GstBuffer* buffer) {
  return gst_buffer_n_memory(buffer) > 0 && gst_memory_is_type(gst_buffer_peek_memory(buffer, 0), kTypeOfGstreamer);
}

bool is_own_memory(GstBuffer* buffer) {
  return gst_buffer_n_memory(buffer) > 0 && gst_memory_is_type(gst_buffer_peek_memory(buffer, 0), kOwnType);
}

GstAllocator* own_allocator(const std::shared_ptr<Device>& device) {
  static GstAllocator* const only = [&] {
    auto* allocator = static_cast<DiptychCudaAllocator*>(g_object_new(diptych_cuda_allocator_get_type(), nullptr));
    gst_object_ref_sink(allocator);
    allocator->device = new std::shared_ptr<Device>(device);
    allocator->stream = new Stream(device);
    allocator->mutex = new std::mutex();
    return &allocator->parent;
  }();
  return only;
}

GstMemory* wrap_own_memory(Address address, size_t size, std::function<void()> release) {
  const std::shared_ptr<Device> device = Device::current();
  if (device == nullptr) {
    throw Error(0, false, false, "the picture lies in the memory of a GPU, and no GPU is in use; see gpu.use");
  }
  auto memory = std::make_unique<OwnMemory>();
  memory->address = address;
  memory->size = size;
  memory->release = std::move(release);
  gst_memory_init(&memory->base, static_cast<GstMemoryFlags>(GST_MEMORY_FLAG_NO_SHARE | GST_MEMORY_FLAG_READONLY),
                  own_allocator(device), nullptr, size, 0, 0, size);
  return &memory.release()->base;
}

void rethrow_allocation_failure() {
  if (const std::exception_ptr failure = std::exchange(allocation_failure, nullptr)) std::rethrow_exception(failure);
}

}  // namespace diptych::cuda
