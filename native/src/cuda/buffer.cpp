#include <utility>

#include "cuda/device_impl.hpp"

namespace diptych::cuda {

namespace {

// CU_MEMHOSTALLOC_PORTABLE: pinned for every context.
constexpr unsigned kPortable = 1;

}  // namespace

Buffer::Buffer(std::shared_ptr<Device> device, size_t size) : device_(std::move(device)), size_(size) {
  if (size == 0) return;
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.memory_alloc(&address_, size),
             ("give " + std::to_string(size) + " bytes of its memory").c_str());
  impl.own_bytes += size;
}

Buffer::~Buffer() {
  if (address_ == 0) return;
  Device::Impl& impl = *device_->impl_;
  impl.own_bytes -= size_;
  // What a lost device says to this is of no use.
  if (!device_->is_lost() && impl.driver.context_set_current(impl.context) == kSuccess) {
    impl.driver.memory_free(address_);
  }
}

Buffer::Buffer(Buffer&& other) noexcept
    : device_(std::move(other.device_)),
      address_(std::exchange(other.address_, 0)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  return *this;
}

PinnedBuffer::PinnedBuffer(std::shared_ptr<Device> device, size_t size) : device_(std::move(device)), size_(size) {
  if (size == 0) return;
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  void* data = nullptr;
  impl.check(impl.driver.host_alloc(&data, size, kPortable),
             ("pin " + std::to_string(size) + " bytes of the host's memory").c_str());
  data_ = static_cast<uint8_t*>(data);
}

PinnedBuffer::~PinnedBuffer() {
  if (data_ == nullptr) return;
  Device::Impl& impl = *device_->impl_;
  if (!device_->is_lost() && impl.driver.context_set_current(impl.context) == kSuccess) impl.driver.host_free(data_);
}

PinnedBuffer::PinnedBuffer(PinnedBuffer&& other) noexcept
    : device_(std::move(other.device_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

PinnedBuffer& PinnedBuffer::operator=(PinnedBuffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace diptych::cuda
