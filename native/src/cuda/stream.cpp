#include <utility>

#include "cuda/device_impl.hpp"

namespace diptych::cuda {

Stream::Stream(std::shared_ptr<Device> device) : device_(std::move(device)) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.stream_create(&stream_, kStreamNonBlocking), "open a stream");
}

Stream::~Stream() {
  Device::Impl& impl = *device_->impl_;
  if (!device_->is_lost() && impl.driver.context_set_current(impl.context) == kSuccess) {
    impl.driver.stream_destroy(stream_);
  }
}

void Stream::copy_to_host(void* host, size_t host_pitch, Address from, size_t pitch, size_t width, size_t rows,
                          Purpose purpose) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  Copy2D copy;
  copy.src_type = kMemoryDevice;
  copy.src_device = from;
  copy.src_pitch = pitch;
  copy.dst_type = kMemoryHost;
  copy.dst_host = host;
  copy.dst_pitch = host_pitch;
  copy.width = width;
  copy.rows = rows;
  impl.check(impl.driver.copy_2d(&copy, stream_), "copy to the host");
  device_->count_to_host(purpose, width * rows);
}

void Stream::copy_to_device(Address to, size_t pitch, const void* host, size_t host_pitch, size_t width, size_t rows,
                            Purpose purpose) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  Copy2D copy;
  copy.src_type = kMemoryHost;
  copy.src_host = host;
  copy.src_pitch = host_pitch;
  copy.dst_type = kMemoryDevice;
  copy.dst_device = to;
  copy.dst_pitch = pitch;
  copy.width = width;
  copy.rows = rows;
  impl.check(impl.driver.copy_2d(&copy, stream_), "copy from the host");
  device_->count_to_device(purpose, width * rows);
}

void Stream::copy_from_context(Address to, void* context, Address from, size_t size) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.copy_peer(to, impl.context, from, context, size, stream_), "copy between contexts");
}

void Stream::fill(Address to, uint8_t value, size_t size) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.fill(to, value, size, stream_), "fill its memory");
}

void Stream::wait() {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.stream_synchronize(stream_), "finish its work");
}

void Stream::launch_raw(const Kernel& kernel, const Grid& grid, const void* params, size_t) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  void* arguments[] = {const_cast<void*>(params)};
  impl.check(impl.driver.launch(kernel.function_, grid.blocks_x, grid.blocks_y, grid.blocks_z, grid.threads_x,
                                grid.threads_y, 1, 0, stream_, arguments, nullptr),
             "launch a kernel");
}

Event::Event(std::shared_ptr<Device> device) : device_(std::move(device)) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.event_create(&event_, kEventBlockingSync), "make an event");
}

Event::~Event() {
  Device::Impl& impl = *device_->impl_;
  if (!device_->is_lost() && impl.driver.context_set_current(impl.context) == kSuccess) {
    impl.driver.event_destroy(event_);
  }
}

void Event::record(Stream& stream) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.event_record(event_, stream.native()), "mark a place in a stream");
}

void Event::hold(Stream& stream) {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.stream_wait_event(stream.native(), event_, 0), "let a stream wait for another");
}

void Event::wait() {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  impl.check(impl.driver.event_synchronize(event_), "finish its work");
}

double Event::ms_since(const Event& from) const {
  Device::Impl& impl = *device_->impl_;
  impl.enter();
  float ms = 0;
  impl.check(impl.driver.event_elapsed(&ms, from.event_, event_), "tell how long its work took");
  return ms;
}

}  // namespace diptych::cuda
