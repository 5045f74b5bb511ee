#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// An NVIDIA GPU by the CUDA driver API, opened at run time: the build needs no CUDA toolkit and
// runs where there is no GPU.
namespace diptych::cuda {

// CUdeviceptr. Host and device addresses never mix: a device address is not dereferenced here.
using Address = uint64_t;

// What a copy over the bus is for; bytes are counted by it (see Traffic).
enum class Purpose {
  // Pixels of a frame: a composed picture to the host, a picture of the CPU's to the GPU.
  kFrame,
  // What was found: candidates, embeddings, sharpness; and the few numbers they are asked for with.
  kResult,
  // Once, before frames flow: slates, labels, weights, tables.
  kSetup,
};

// Bytes over the bus.
struct Traffic {
  // Bytes since the device was opened, indexed by Purpose.
  uint64_t to_device[3];
  uint64_t to_host[3];
};

// A call of the driver that failed. `is_lost` tells an error after which nothing works any more in
// this process's context (device lost, illegal address, ECC …); out of memory is not one of them.
class Error : public std::runtime_error {
 public:
  Error(int code, bool is_lost, bool is_out_of_memory, const std::string& text)
      : std::runtime_error(text), code(code), is_lost(is_lost), is_out_of_memory(is_out_of_memory) {}
  // CUresult; 0 where it is no call of the driver that failed.
  const int code;
  const bool is_lost;
  const bool is_out_of_memory;
};

class Device;
class Stream;
struct CompiledKernels;

// Memory on the GPU; freed with it. Freeing after the device was lost does nothing.
class Buffer {
 public:
  Buffer() = default;
  // `size` bytes, not set to anything; none for 0. Throws Error.
  Buffer(std::shared_ptr<Device> device, size_t size);
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  // 0 where it is empty.
  Address address() const { return address_; }
  size_t size() const { return size_; }
  explicit operator bool() const { return address_ != 0; }

 private:
  std::shared_ptr<Device> device_;
  Address address_ = 0;
  size_t size_ = 0;
};

// Page-locked memory of the host, so that copies run beside the CPU.
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  // `size` bytes; none for 0. Throws Error.
  PinnedBuffer(std::shared_ptr<Device> device, size_t size);
  ~PinnedBuffer();
  PinnedBuffer(PinnedBuffer&& other) noexcept;
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept;
  // Null where it is empty.
  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::shared_ptr<Device> device_;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// Blocks, and threads of a block; both at least 1 in each direction.
struct Grid {
  unsigned blocks_x = 1;
  unsigned blocks_y = 1;
  unsigned blocks_z = 1;
  unsigned threads_x = 1;
  unsigned threads_y = 1;
};

// A kernel of native/kernels, by its name. It takes one struct by value (params.h).
class Kernel {
 public:
  Kernel() = default;

 private:
  friend class Device;
  friend class Stream;
  void* function_ = nullptr;
};

// Work in order. Every call makes the device's context current on the calling thread, checks what
// the driver answers and throws Error. One thread at a time.
class Stream {
 public:
  // Throws Error.
  explicit Stream(std::shared_ptr<Device> device);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Starts a kernel; returns at once. `params` is copied.
  template <typename Params>
  void launch(const Kernel& kernel, const Grid& grid, const Params& params) {
    launch_raw(kernel, grid, &params, sizeof(Params));
  }
  // Rows of `width` bytes. `host` should be pinned, else the call waits.
  void copy_to_host(void* host, size_t host_pitch, Address from, size_t pitch, size_t width, size_t rows,
                    Purpose purpose);
  // As above, in the other direction.
  void copy_to_device(Address to, size_t pitch, const void* host, size_t host_pitch, size_t width, size_t rows,
                      Purpose purpose);
  // `size` bytes of `value`.
  void fill(Address to, uint8_t value, size_t size);
  // Memory of another context of the same GPU, which this one must not read.
  void copy_from_context(Address to, void* context, Address from, size_t size);
  // Until all of it is done; reports what failed in between.
  void wait();
  // CUstream, for libraries that take one.
  void* native() const { return stream_; }

 private:
  void launch_raw(const Kernel& kernel, const Grid& grid, const void* params, size_t size);

  std::shared_ptr<Device> device_;
  void* stream_ = nullptr;
};

// A mark in a stream's work: for measuring, and for one stream to go on after another. Its own thread
// only, as the Stream's.
class Event {
 public:
  // Throws Error.
  explicit Event(std::shared_ptr<Device> device);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  // Comes when all that `stream` was given before is done.
  void record(Stream& stream);
  // What `stream` is given after this call waits for the event; the caller does not.
  void hold(Stream& stream);
  // Until the event has come.
  void wait();
  // Device time since `from`; both recorded, and the work up to this one done.
  double ms_since(const Event& from) const;

 private:
  std::shared_ptr<Device> device_;
  void* event_ = nullptr;
};

// Which GPU, and what it is opened with.
struct DeviceOptions {
  // As nvidia-smi counts, from 0.
  int ordinal = 0;
  // Folder of the kernels' sources (native/kernels).
  std::string kernels;
  // Folder where compiled kernels are kept, by a hash of source, options, GPU and compiler.
  std::string cache;
  // Names or paths to open instead of the usual ones; empty for those.
  std::string libcuda;
  std::string libnvrtc;
};

// What the driver tells of the GPU.
struct DeviceInfo {
  int ordinal;
  std::string name;
  // Compute capability, e.g. 9 and 0.
  int capability_major;
  int capability_minor;
  int driver_version;   // as cuDriverGetVersion gives it, e.g. 13000
  size_t total_bytes;
  // "NVRTC 13.0" or "cache".
  std::string kernels_from;
};

// The GPU in use: one a process, its primary context (which onnxruntime uses too).
class Device : public std::enable_shared_from_this<Device> {
 public:
  // Opens libcuda and the GPU, compiles the kernels or takes them from the cache; seconds the
  // first time. Throws Error with one sentence that says what is missing. Opening again gives the
  // same device.
  static std::shared_ptr<Device> open(const DeviceOptions& options);
  // Null before `open`.
  static std::shared_ptr<Device> current();

  // Does not change.
  const DeviceInfo& info() const;
  // Throws std::out_of_range where there is no such kernel.
  Kernel kernel(const std::string& name) const;
  // Makes the context current on this thread, and lets it work on while another thread captures a
  // CUDA graph (cuThreadExchangeStreamCaptureMode, relaxed): onnxruntime captures in global mode.
  void enter() const;
  // CUcontext.
  void* native_context() const;
  // The CUcontext that memory on the GPU belongs to; null where it is none of the GPU's.
  void* context_of(Address address) const;
  // What dlopen gave for libcuda, for finding functions that are not offered here.
  void* library() const;

  // Set by the first error that loses the device; empty before. Any thread.
  std::string lost_reason() const;
  // Once true, always true.
  bool is_lost() const { return !lost_reason().empty(); }
  // Waits for all work of the context and throws Error where it failed: tells whether the device is
  // lost after another library (which has its own errors) met one. Slow.
  void verify() const;

  // Since the device was opened. Any thread.
  Traffic traffic() const;
  // For copies that others make: onnxruntime's, GStreamer's.
  void count_to_device(Purpose purpose, size_t bytes) const;
  void count_to_host(Purpose purpose, size_t bytes) const;
  // Of the whole GPU, by cuMemGetInfo.
  size_t free_bytes() const;
  // Allocated by Buffers of this process.
  size_t own_bytes() const;

 private:
  struct Impl;
  Device();
  // Fills in what the driver tells of the GPU `wanted`; throws Error where it can't be used.
  void examine(int wanted);
  // Makes the context and loads the kernels into it; throws Error and leaves no context.
  void load(const CompiledKernels& kernels);
  std::unique_ptr<Impl> impl_;
  friend class Stream;
  friend class Event;
  friend class Buffer;
  friend class PinnedBuffer;
};

}  // namespace diptych::cuda
