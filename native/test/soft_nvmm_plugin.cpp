// A GStreamer plugin with one element, `softnvmm`, that gives NV12 pictures as NVIDIA's surfaces do
// (memory:NVMM): each buffer holds an NvBufSurface that names the pixels. For tests. Device memory is
// that of the stand-in driver (soft-cuda) which SOFT_LIBCUDA names: it may be written to directly.
#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

struct Gpu {
  int (*alloc)(uint64_t*, size_t) = nullptr;
  int (*free)(uint64_t) = nullptr;
  int (*enter)(void*) = nullptr;
  void* context = nullptr;
};

template <typename Function>
void find(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
}

const Gpu& gpu() {
  static const Gpu opened = [] {
    void* library = dlopen(std::getenv("SOFT_LIBCUDA"), RTLD_NOW);
    Gpu found;
    int (*retain)(void**, int) = nullptr;
    find(library, "cuMemAlloc_v2", &found.alloc);
    find(library, "cuMemFree_v2", &found.free);
    find(library, "cuCtxSetCurrent", &found.enter);
    find(library, "cuDevicePrimaryCtxRetain", &retain);
    retain(&found.context, 0);
    return found;
  }();
  return opened;
}

// As NVIDIA's documentation has it.
struct Params {
  uint32_t width, height, pitch, format, layout;
  uint64_t descriptor;
  uint32_t data_size;
  void* data;
  uint32_t planes, plane_width[4], plane_height[4], plane_pitch[4], plane_offset[4], plane_size[4], bytes[4];
  void* reserved_of_planes[16];
  void* mapped[4];
  void* reserved[9];
};

struct Surface {
  uint32_t gpu, batch, filled;
  bool is_contiguous;
  uint32_t type;
  Params* list;
  void* reserved[4];
};

struct Held {
  Surface surface{};
  Params params{};
  GstBuffer* pixels;
  GstMapInfo map;
  uint64_t on_gpu = 0;
};

struct SoftNvmm {
  GstBaseTransform parent;
  guint type;
  GstVideoInfo info;
};
struct SoftNvmmClass {
  GstBaseTransformClass parent;
};

G_DEFINE_TYPE(SoftNvmm, soft_nvmm, GST_TYPE_BASE_TRANSFORM)

GstCaps* transform_caps(GstBaseTransform*, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  GstCaps* other = gst_caps_copy(caps);
  const char* feature = direction == GST_PAD_SINK ? "memory:NVMM" : "memory:SystemMemory";
  for (guint at = 0; at < gst_caps_get_size(other); ++at) {
    gst_caps_set_features(other, at, gst_caps_features_new(feature, nullptr));
  }
  if (filter == nullptr) return other;
  GstCaps* both = gst_caps_intersect(filter, other);
  gst_caps_unref(other);
  return both;
}

gboolean set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  return gst_video_info_from_caps(&reinterpret_cast<SoftNvmm*>(base)->info, in);
}

GstFlowReturn prepare(GstBaseTransform* base, GstBuffer* in, GstBuffer** out) {
  auto* self = reinterpret_cast<SoftNvmm*>(base);
  auto* held = new Held();
  held->pixels = gst_buffer_copy_deep(in);
  gst_buffer_map(held->pixels, &held->map, GST_MAP_READ);
  held->params.data_size = static_cast<uint32_t>(held->map.size);
  held->params.data = held->map.data;
  if (std::getenv("SOFT_LIBCUDA") != nullptr) {
    gpu().enter(gpu().context);
    gpu().alloc(&held->on_gpu, held->map.size);
    held->params.data = reinterpret_cast<void*>(held->on_gpu);
    std::memcpy(held->params.data, held->map.data, held->map.size);
  }
  held->params.planes = 2;
  for (guint plane = 0; plane < 2; ++plane) {
    held->params.plane_pitch[plane] = static_cast<uint32_t>(GST_VIDEO_INFO_PLANE_STRIDE(&self->info, plane));
    held->params.plane_offset[plane] = static_cast<uint32_t>(GST_VIDEO_INFO_PLANE_OFFSET(&self->info, plane));
    held->params.plane_height[plane] = static_cast<uint32_t>(GST_VIDEO_INFO_COMP_HEIGHT(&self->info, plane));
  }
  held->surface.batch = held->surface.filled = 1;
  held->surface.type = self->type;
  held->surface.list = &held->params;
  *out = gst_buffer_new_wrapped_full(static_cast<GstMemoryFlags>(0), &held->surface, sizeof(Surface), 0, sizeof(Surface),
                                     held, [](gpointer data) {
                                       auto* done = static_cast<Held*>(data);
                                       if (done->on_gpu != 0) {
                                         gpu().enter(gpu().context);
                                         gpu().free(done->on_gpu);
                                       }
                                       gst_buffer_unmap(done->pixels, &done->map);
                                       gst_buffer_unref(done->pixels);
                                       delete done;
                                     });
  gst_buffer_copy_into(*out, in, static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
                       static_cast<gsize>(-1));
  return GST_FLOW_OK;
}

GstFlowReturn transform(GstBaseTransform*, GstBuffer*, GstBuffer*) { return GST_FLOW_OK; }

gboolean unit_size(GstBaseTransform*, GstCaps*, gsize* size) {
  *size = 1;
  return TRUE;
}

void set_property(GObject* object, guint, const GValue* value, GParamSpec*) {
  reinterpret_cast<SoftNvmm*>(object)->type = g_value_get_uint(value);
}

void soft_nvmm_class_init(SoftNvmmClass* type) {
  G_OBJECT_CLASS(type)->set_property = set_property;
  g_object_class_install_property(
      G_OBJECT_CLASS(type), 1,
      g_param_spec_uint("type", "Type", "NvBufSurfaceMemType", 0, 100, 0,
                        static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
  GstElementClass* element = GST_ELEMENT_CLASS(type);
  gst_element_class_set_static_metadata(element, "Soft NVMM", "Filter", "Pictures as NVIDIA's surfaces", "Diptych");
  GstCaps* in = gst_caps_from_string("video/x-raw,format=NV12");
  GstCaps* out = gst_caps_from_string("video/x-raw(memory:NVMM),format=NV12");
  gst_element_class_add_pad_template(element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, in));
  gst_element_class_add_pad_template(element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, out));
  gst_caps_unref(in);
  gst_caps_unref(out);
  GstBaseTransformClass* base = GST_BASE_TRANSFORM_CLASS(type);
  base->transform_caps = transform_caps;
  base->set_caps = set_caps;
  base->prepare_output_buffer = prepare;
  base->transform = transform;
  base->get_unit_size = unit_size;
}

void soft_nvmm_init(SoftNvmm*) {}

gboolean plugin_init(GstPlugin* plugin) {
  return gst_element_register(plugin, "softnvmm", GST_RANK_NONE, soft_nvmm_get_type());
}

}  // namespace

#define PACKAGE "diptych"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, softnvmm, "NVIDIA's surfaces, for tests", plugin_init, "1.0", "MIT",
                  "diptych", "diptych")
