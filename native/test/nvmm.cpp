// What pictures in NVIDIA's surfaces become, with a stand-in for libnvbufsurface.so.
//
//   g++ -std=c++17 -Isrc test/nvmm.cpp src/gst/nvmm/nvmm.cpp src/core/device_memory.cpp src/core/frame_store.cpp $flags -ldl
//
// run with the stand-in as libnvbufsurface.so in LD_LIBRARY_PATH (test/integration/native/nvmm.test.ts).
// Exits with 1 where something is not as expected. `missing` as argument: without the library.
#include "gst/nvmm/nvmm.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diptych;

namespace {

void check(bool is_true, const std::string& what) {
  if (is_true) return;
  std::fprintf(stderr, "not as expected: %s\n", what.c_str());
  std::exit(1);
}

constexpr uint32_t kWidth = 62;
constexpr uint32_t kHeight = 34;
constexpr uint32_t kPitch = 256;
constexpr uint32_t kSecond = kPitch * 40;

// As NVIDIA's documentation has it, field by field, apart from what is tested.
struct Params {
  uint32_t width = kWidth, height = kHeight, pitch = kPitch, format = 6, layout = 0;
  uint64_t descriptor = 0;
  uint32_t data_size = kSecond + kPitch * kHeight / 2;
  void* data = nullptr;
  uint32_t planes = 2;
  uint32_t plane_width[4] = {kWidth, kWidth / 2}, plane_height[4] = {kHeight, kHeight / 2};
  uint32_t plane_pitch[4] = {kPitch, kPitch}, plane_offset[4] = {0, kSecond};
  uint32_t plane_size[4] = {kSecond, kPitch * kHeight / 2}, bytes[4] = {1, 2};
  void* reserved_of_planes[16] = {};
  void* mapped[4] = {};
  void* egl_image = nullptr;
  void* reserved[8] = {};
};

struct Surface {
  uint32_t gpu = 0, batch = 1, filled = 1;
  bool is_contiguous = true;
  uint32_t type = 4;
  Params* list = nullptr;
  void* reserved[4] = {};
};

struct Fixture {
  std::vector<uint8_t> pixels = std::vector<uint8_t>(kSecond + kPitch * kHeight / 2);
  Params params;
  Surface surface;
  GstBuffer* buffer;
  int freed = 0;

  explicit Fixture(uint32_t type) {
    for (size_t at = 0; at < pixels.size(); ++at) pixels[at] = static_cast<uint8_t>(at * 7 + at / kPitch);
    params.data = pixels.data();
    surface.type = type;
    surface.list = &params;
    buffer = gst_buffer_new_wrapped_full(static_cast<GstMemoryFlags>(0), &surface, sizeof(surface), 0, sizeof(surface),
                                         &freed, [](gpointer count) { ++*static_cast<int*>(count); });
    GST_BUFFER_PTS(buffer) = 40 * GST_MSECOND;
  }
};

GstVideoInfo info() {
  GstVideoInfo made;
  gst_video_info_set_format(&made, GST_VIDEO_FORMAT_NV12, kWidth, kHeight);
  return made;
}

std::string failure_of(Fixture& fixture) {
  std::string said;
  try {
    GstBuffer* picture = nvmm::import(fixture.buffer, info(), DeviceMemory::current());
    gst_buffer_unref(picture);
  } catch (const std::runtime_error& failure) {
    said = failure.what();
  }
  gst_buffer_unref(fixture.buffer);
  check(fixture.freed == 1, "the surface is given back after a failure");
  return said;
}

void check_pixels(GstBuffer* picture, const Fixture& fixture) {
  GstVideoFrame frame;
  GstVideoInfo video = info();
  check(gst_video_frame_map(&frame, &video, picture, GST_MAP_READ), "the picture maps");
  for (int plane = 0; plane < 2; ++plane) {
    for (uint32_t row = 0; row < kHeight / (plane + 1); ++row) {
      const auto* seen = static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)) +
                         row * static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane));
      check(std::memcmp(seen, fixture.pixels.data() + (plane == 0 ? 0 : kSecond) + row * kPitch, kWidth) == 0,
            "row " + std::to_string(row) + " of plane " + std::to_string(plane));
    }
  }
  gst_video_frame_unmap(&frame);
}

void host_surfaces(int (*mapped)(), int (*synced)()) {
  for (const uint32_t type : {1U, 4U, 5U, 6U}) {
    Fixture fixture(type);
    const int synced_before = synced();
    const bool is_mapped = type == 4 || type == 5;
    GstBuffer* picture = nvmm::import(fixture.buffer, info(), DeviceMemory::current());
    gst_buffer_unref(fixture.buffer);
    check(fixture.freed == 0, "the surface stays while its picture lives");
    check(mapped() == (is_mapped ? 1 : 0), "mapped once, where it must be");
    check(synced() - synced_before == mapped(), "synchronised with each mapping");
    check(GST_BUFFER_PTS(picture) == 40 * GST_MSECOND, "its time");
    check_pixels(picture, fixture);
    gst_buffer_unref(picture);
    check(mapped() == 0 && fixture.freed == 1, "unmapped and given back with the picture");
  }
}

// Device memory that is the host's, so that its pixels can be looked at.
class SoftDevice : public DeviceMemory {
 public:
  explicit SoftDevice(const Fixture& fixture) : fixture_(fixture) {}
  bool holds(GstBuffer*) const override { return false; }
  bool map_to_host(GstVideoFrame*, const VideoFrame&) override { return false; }
  GstContext* element_context() override { return nullptr; }
  void enter_thread() override {}
  GstMemory* wrap(uint64_t address, size_t size, std::function<void()> release) override {
    check(address == reinterpret_cast<uint64_t>(fixture_.pixels.data()) && size == fixture_.pixels.size(),
          "the address");
    return gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, reinterpret_cast<gpointer>(address), size, 0, size,
                                  new std::function<void()>(std::move(release)),
                                  [](gpointer held) { delete static_cast<std::function<void()>*>(held); });
  }

 private:
  const Fixture& fixture_;
};

void surfaces_on_a_gpu() {
  for (const uint32_t type : {0U, 2U, 3U}) {
#ifdef __aarch64__
    if (type == 0) continue;
#endif
    Fixture fixture(type);
    SoftDevice device(fixture);
    GstBuffer* picture = nvmm::import(fixture.buffer, info(), device);
    gst_buffer_unref(fixture.buffer);
    check(fixture.freed == 0, "the surface stays while its picture lives");
    check_pixels(picture, fixture);
    gst_buffer_unref(picture);
    check(fixture.freed == 1, "given back with the picture");
  }
}

void failures(int (*mapped)(), void (*fail)(int)) {
  const auto expect = [](const std::string& said, const char* part) {
    check(said.find(part) != std::string::npos, "\"" + said + "\" says \"" + part + "\"");
  };
  for (const int what : {1, 2}) {
    fail(what);
    Fixture fixture(4);
    expect(failure_of(fixture), what == 1 ? "NvBufSurfaceMap failed" : "NvBufSurfaceSyncForCpu failed");
    check(mapped() == 0, "nothing stays mapped");
  }
  fail(0);
  Fixture block_linear(4);
  block_linear.params.layout = 1;
  expect(failure_of(block_linear), "bl-output=false");
  Fixture other_planes(4);
  other_planes.params.planes = 3;
  expect(failure_of(other_planes), "3 planes, its caps say 2");
  Fixture unknown(17);
  expect(failure_of(unknown), "unknown type, 17");
  Fixture on_gpu(2);
  expect(failure_of(on_gpu), "no GPU is in use");
  Fixture empty(4);
  empty.surface.list = nullptr;
  expect(failure_of(empty), "holds no NvBufSurface");
}

}  // namespace

int main(int count, char** arguments) {
  gst_init(&count, &arguments);
  if (count > 1) {
    Fixture fixture(4);
    const std::string said = failure_of(fixture);
    check(said.find("comes with JetPack and DeepStream") != std::string::npos, said);
    return 0;
  }
  void* library = dlopen("libnvbufsurface.so", RTLD_NOW);
  check(library != nullptr, "the stand-in opens");
  const auto mapped = reinterpret_cast<int (*)()>(dlsym(library, "soft_mapped"));
  const auto synced = reinterpret_cast<int (*)()>(dlsym(library, "soft_synced"));
  const auto fail = reinterpret_cast<void (*)(int)>(dlsym(library, "soft_fail"));
  host_surfaces(mapped, synced);
  surfaces_on_a_gpu();
  failures(mapped, fail);
  GstCaps* caps = gst_caps_from_string("video/x-raw(memory:NVMM),format=NV12");
  check(nvmm::is_nvmm(caps), "caps of memory:NVMM");
  gst_caps_unref(caps);
  caps = gst_caps_from_string("video/x-raw,format=NV12");
  check(!nvmm::is_nvmm(caps), "other caps");
  gst_caps_unref(caps);
  return 0;
}
