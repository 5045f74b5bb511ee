#include "gst/nvmm/nvmm.hpp"

#include <dlfcn.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace diptych::nvmm {

namespace {

constexpr int kMaxPlanes = 4;

// What is needed of NVIDIA's structures, laid out as their documentation says. Newer releases put more
// into what is reserved here, behind all that is read.
struct PlaneParams {
  uint32_t count;
  uint32_t width[kMaxPlanes];
  uint32_t height[kMaxPlanes];
  uint32_t pitch[kMaxPlanes];
  uint32_t offset[kMaxPlanes];
  uint32_t size[kMaxPlanes];
  uint32_t bytes_per_pixel[kMaxPlanes];
  void* reserved[4 * kMaxPlanes];
};

struct SurfaceParams {
  uint32_t width;
  uint32_t height;
  uint32_t pitch;
  int32_t colour_format;
  int32_t layout;
  uint64_t descriptor;
  uint32_t data_size;
  void* data;
  PlaneParams planes;
  void* mapped[kMaxPlanes];
};

struct Surface {
  uint32_t gpu;
  uint32_t batch_size;
  uint32_t filled;
  bool is_contiguous;
  int32_t memory_type;
  SurfaceParams* list;
};

static_assert(sizeof(void*) == 8, "laid out for 64 bits");
static_assert(offsetof(Surface, memory_type) == 16 && offsetof(Surface, list) == 24, "NvBufSurface");
static_assert(offsetof(SurfaceParams, descriptor) == 24 && offsetof(SurfaceParams, data) == 40 &&
                  offsetof(SurfaceParams, planes) == 48 && offsetof(SurfaceParams, mapped) == 280,
              "NvBufSurfaceParams");

constexpr int32_t kPitchLinear = 0;

enum MemoryType : int32_t {
  kDefault = 0,
  kPinned = 1,
  kDevice = 2,
  kUnified = 3,
  kSurfaceArray = 4,
  kHandle = 5,
  kSystem = 6,
};

// What the default stands for.
#ifdef __aarch64__
constexpr int32_t kPlatformType = kSurfaceArray;
#else
constexpr int32_t kPlatformType = kDevice;
#endif

constexpr int kMapForReading = 0;
constexpr int kFirst = 0;
constexpr int kAllPlanes = -1;

struct Library {
  int (*map)(Surface*, int index, int plane, int how);
  int (*unmap)(Surface*, int index, int plane);
  int (*sync_for_cpu)(Surface*, int index, int plane);
};

template <typename Function>
void find(void* handle, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(handle, name));
  if (*function == nullptr) throw std::runtime_error(std::string("libnvbufsurface.so has no ") + name);
}

const Library& library() {
  static const Library opened = [] {
    // Behind the first: where JetPack 6, JetPack 5 and DeepStream put it.
    constexpr const char* kPlaces[] = {"libnvbufsurface.so", "libnvbufsurface.so.1.0.0",
                                       "/usr/lib/aarch64-linux-gnu/nvidia/libnvbufsurface.so",
                                       "/usr/lib/aarch64-linux-gnu/tegra/libnvbufsurface.so",
                                       "/opt/nvidia/deepstream/deepstream/lib/libnvbufsurface.so"};
    void* handle = nullptr;
    for (const char* place : kPlaces) {
      if ((handle = dlopen(place, RTLD_NOW | RTLD_LOCAL)) != nullptr) break;
    }
    if (handle == nullptr) {
      throw std::runtime_error("libnvbufsurface.so, which reads memory:NVMM, could not be opened; it comes with JetPack and DeepStream");
    }
    Library found{};
    find(handle, "NvBufSurfaceMap", &found.map);
    find(handle, "NvBufSurfaceUnMap", &found.unmap);
    find(handle, "NvBufSurfaceSyncForCpu", &found.sync_for_cpu);
    return found;
  }();
  return opened;
}

struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using BufferPtr = std::unique_ptr<GstBuffer, BufferUnref>;

// The buffer of a surface, and its mapping where there is one, while anything of it is in use.
class Lease {
 public:
  Lease(GstBuffer* buffer, Surface* surface) : buffer_(gst_buffer_ref(buffer)), surface_(surface) {}
  ~Lease() {
    if (is_mapped_) library().unmap(surface_, kFirst, kAllPlanes);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  void map() {
    if (library().map(surface_, kFirst, kAllPlanes, kMapForReading) != 0) {
      throw std::runtime_error("NvBufSurfaceMap failed");
    }
    is_mapped_ = true;
    if (library().sync_for_cpu(surface_, kFirst, kAllPlanes) != 0) {
      throw std::runtime_error("NvBufSurfaceSyncForCpu failed");
    }
  }

 private:
  BufferPtr buffer_;
  Surface* surface_;
  bool is_mapped_ = false;
};

using LeasePtr = std::shared_ptr<Lease>;

Surface* surface_in(GstBuffer* buffer) {
  GstMapInfo content;
  if (!gst_buffer_map(buffer, &content, GST_MAP_READ)) throw std::runtime_error("the surface could not be read");
  auto* surface = reinterpret_cast<Surface*>(content.data);
  const bool is_whole = content.size >= sizeof(Surface);
  // It stays where it is while its buffer lives.
  gst_buffer_unmap(buffer, &content);
  if (!is_whole || surface->list == nullptr || surface->batch_size == 0) {
    throw std::runtime_error("the buffer holds no NvBufSurface");
  }
  return surface;
}

GstMemory* host_memory(void* data, size_t size, LeasePtr lease) {
  return gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, data, size, 0, size, new LeasePtr(std::move(lease)),
                                [](gpointer held) { delete static_cast<LeasePtr*>(held); });
}

// Where the planes of a picture begin in its buffer, and how far apart its rows are; bytes.
struct Layout {
  std::array<gsize, GST_VIDEO_MAX_PLANES> offsets{};
  std::array<gint, GST_VIDEO_MAX_PLANES> strides{};
};

// What of the surface can't be read; returns where all can.
void check(const SurfaceParams& params, guint planes) {
  if (params.planes.count != planes) {
    throw std::runtime_error("the surface has " + std::to_string(params.planes.count) + " planes, its caps say " +
                             std::to_string(planes));
  }
  if (params.layout != kPitchLinear) {
    throw std::runtime_error("the surface is block linear; put nvvidconv bl-output=false before this element");
  }
}

// One memory for all planes, at the surface's address on the GPU.
void append_device_memory(GstBuffer* picture, Layout* layout, const SurfaceParams& params, guint planes,
                          const LeasePtr& lease, DeviceMemory& device) {
  const auto address = reinterpret_cast<uint64_t>(params.data);
  gst_buffer_append_memory(picture, device.wrap(address, params.data_size, [lease] {}));
  for (guint plane = 0; plane < planes; ++plane) layout->offsets[plane] = params.planes.offset[plane];
}

// One memory a plane, each where the host sees it.
void append_host_memory(GstBuffer* picture, Layout* layout, const SurfaceParams& params, guint planes,
                        const LeasePtr& lease, bool is_mapped) {
  gsize end = 0;
  for (guint plane = 0; plane < planes; ++plane) {
    auto* whole = static_cast<uint8_t*>(params.data);
    void* data = is_mapped ? params.mapped[plane] : whole + params.planes.offset[plane];
    if (data == nullptr || (!is_mapped && whole == nullptr)) throw std::runtime_error("the surface has no address");
    const size_t size = static_cast<size_t>(params.planes.pitch[plane]) * params.planes.height[plane];
    gst_buffer_append_memory(picture, host_memory(data, size, lease));
    layout->offsets[plane] = end;
    end += size;
  }
}

}  // namespace

bool is_nvmm(const GstCaps* caps) {
  const GstCapsFeatures* features = gst_caps_get_features(caps, 0);
  return features != nullptr && gst_caps_features_contains(features, "memory:NVMM");
}

GstBuffer* import(GstBuffer* buffer, const GstVideoInfo& info, DeviceMemory& device) {
  Surface* surface = surface_in(buffer);
  const SurfaceParams& params = surface->list[kFirst];
  const guint planes = GST_VIDEO_INFO_N_PLANES(&info);
  check(params, planes);

  const auto lease = std::make_shared<Lease>(buffer, surface);
  const BufferPtr picture(gst_buffer_new());
  Layout layout;
  for (guint plane = 0; plane < planes; ++plane) layout.strides[plane] = static_cast<gint>(params.planes.pitch[plane]);

  const int32_t type = surface->memory_type == kDefault ? kPlatformType : surface->memory_type;
  if (type == kDevice || type == kUnified) {
    append_device_memory(picture.get(), &layout, params, planes, lease, device);
  } else {
    const bool is_mapped = type == kSurfaceArray || type == kHandle;
    if (!is_mapped && type != kPinned && type != kSystem) {
      throw std::runtime_error("the surface lies in memory of an unknown type, " + std::to_string(type));
    }
    if (is_mapped) lease->map();
    append_host_memory(picture.get(), &layout, params, planes, lease, is_mapped);
  }

  gst_buffer_copy_into(picture.get(), buffer,
                       static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
                       static_cast<gsize>(-1));
  gst_buffer_add_video_meta_full(picture.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info),
                                 static_cast<guint>(GST_VIDEO_INFO_WIDTH(&info)),
                                 static_cast<guint>(GST_VIDEO_INFO_HEIGHT(&info)), planes, layout.offsets.data(),
                                 layout.strides.data());
  return gst_buffer_ref(picture.get());
}

}  // namespace diptych::nvmm
