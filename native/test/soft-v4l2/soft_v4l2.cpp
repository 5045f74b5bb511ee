#include "soft_v4l2.hpp"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <algorithm>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace soft {

namespace {

struct Mode {
  uint32_t format;
  uint32_t width;
  uint32_t height;
  uint32_t fps;
};

constexpr Mode kModes[] = {
    {V4L2_PIX_FMT_YUYV, 320, 180, 30},
    {V4L2_PIX_FMT_YUYV, 640, 360, 5},
    {V4L2_PIX_FMT_MJPEG, 640, 360, 30},
    {V4L2_PIX_FMT_H264, 640, 360, 30},
};
constexpr uint32_t kFormats[] = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_H264};
constexpr uint32_t kMaxBuffers = 16;
constexpr uint32_t kPage = 4096;

std::mutex mutex;
Mode current = kModes[0];
std::map<int, bool> opened;
std::vector<void*> memory;
std::deque<uint32_t> queued;
uint32_t sequence = 0;

bool says(const char* name) {
  const char* folder = getenv("SOFT_V4L2_FOLDER");
  return folder != nullptr && real<int (*)(const char*, int)>("access")((std::string(folder) + "/" + name).c_str(), F_OK) == 0;
}

}  // namespace

bool is_device(const char* path) {
  const char* own = getenv("SOFT_V4L2_PATH");
  return own != nullptr && path != nullptr && strcmp(own, path) == 0;
}

bool is_ours(int fd) {
  std::lock_guard<std::mutex> lock(mutex);
  return opened.count(fd) != 0;
}

int fail(int code) {
  errno = code;
  return -1;
}

bool is_plugged() { return says("plugged"); }

namespace {

uint32_t image_bytes(const Mode& mode) { return mode.width * mode.height * 2; }
uint32_t buffer_bytes() { return (image_bytes(current) + kPage - 1) / kPage * kPage; }

const Mode& nearest(uint32_t format, uint32_t width) {
  const Mode* found = &kModes[0];
  for (const Mode& mode : kModes) {
    if (mode.format != format) continue;
    if (found->format != format || mode.width == width) found = &mode;
  }
  return *found;
}

void describe(const Mode& mode, v4l2_format* format) {
  v4l2_pix_format& pixels = format->fmt.pix;
  pixels = {};
  pixels.width = mode.width;
  pixels.height = mode.height;
  pixels.pixelformat = mode.format;
  pixels.field = V4L2_FIELD_NONE;
  pixels.bytesperline = mode.format == V4L2_PIX_FMT_YUYV ? mode.width * 2 : 0;
  pixels.sizeimage = image_bytes(mode);
  pixels.colorspace = V4L2_COLORSPACE_SRGB;
}

uint32_t draw(void* to) {
  if (current.format == V4L2_PIX_FMT_YUYV) {
    auto* bytes = static_cast<uint8_t*>(to);
    for (uint32_t at = 0; at < image_bytes(current); ++at) {
      bytes[at] = at % 2 == 0 ? static_cast<uint8_t>(16 + (at / 2 + sequence * 4) % 200) : 128;
    }
    return image_bytes(current);
  }
  const char* format = current.format == V4L2_PIX_FMT_MJPEG ? "MJPG" : "H264";
  char name[16];
  for (uint32_t index = sequence;; index = 0) {
    snprintf(name, sizeof name, "/%03u", index % 1000);
    std::ifstream file(std::string(getenv("SOFT_V4L2_FOLDER")) + "/" + format + name, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (bytes.empty() && index != 0) {
      sequence = 0;
      continue;
    }
    const size_t size = std::min<size_t>(bytes.size(), buffer_bytes());
    memcpy(to, bytes.data(), size);
    return static_cast<uint32_t>(size);
  }
}

int set_timer(int fd, uint32_t fps) {
  itimerspec period = {};
  if (fps > 0) period.it_interval.tv_nsec = period.it_value.tv_nsec = 1000000000L / fps;
  return timerfd_settime(fd, 0, &period, nullptr);
}

int take_buffer(int fd, v4l2_buffer* buffer) {
  if (!says("plugged")) return fail(ENODEV);
  uint64_t ticks = 0;
  if (queued.empty() || read(fd, &ticks, sizeof ticks) < 0) return fail(EAGAIN);
  const uint32_t index = queued.front();
  queued.pop_front();
  *buffer = {};
  buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer->memory = V4L2_MEMORY_MMAP;
  buffer->index = index;
  buffer->bytesused = draw(memory[index]);
  buffer->length = buffer_bytes();
  buffer->m.offset = index * buffer_bytes();
  buffer->sequence = sequence++;
  buffer->field = V4L2_FIELD_NONE;
  buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  buffer->timestamp = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

int enumerate(unsigned long request, void* argument) {
  if (request == VIDIOC_ENUM_FMT) {
    auto* format = static_cast<v4l2_fmtdesc*>(argument);
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || format->index >= std::size(kFormats)) return fail(EINVAL);
    format->pixelformat = kFormats[format->index];
    format->flags = format->pixelformat == V4L2_PIX_FMT_YUYV ? 0 : V4L2_FMT_FLAG_COMPRESSED;
    return 0;
  }
  if (request == VIDIOC_ENUM_FRAMESIZES) {
    auto* size = static_cast<v4l2_frmsizeenum*>(argument);
    uint32_t index = size->index;
    for (const Mode& mode : kModes) {
      if (mode.format != size->pixel_format || index-- > 0) continue;
      size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
      size->discrete = {mode.width, mode.height};
      return 0;
    }
    return fail(EINVAL);
  }
  auto* interval = static_cast<v4l2_frmivalenum*>(argument);
  for (const Mode& mode : kModes) {
    const bool is_it = mode.format == interval->pixel_format && mode.width == interval->width && interval->index == 0;
    if (!is_it) continue;
    interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    interval->discrete = {1, mode.fps};
    return 0;
  }
  return fail(EINVAL);
}

int request_buffers(v4l2_requestbuffers* buffers) {
  if (says("busy")) return fail(EBUSY);
  if (buffers->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
  if (buffers->count > kMaxBuffers) buffers->count = kMaxBuffers;
  memory.assign(buffers->count, nullptr);
  queued.clear();
  return 0;
}

int describe_device(v4l2_capability* capability) {
  *capability = {};
  strcpy(reinterpret_cast<char*>(capability->driver), "soft");
  strcpy(reinterpret_cast<char*>(capability->card), "Soft Camera");
  strcpy(reinterpret_cast<char*>(capability->bus_info), "soft:0");
  capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

int agree_on_rate(v4l2_streamparm* parameters) {
  parameters->parm.capture = {};
  parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
  parameters->parm.capture.timeperframe = {1, current.fps};
  return 0;
}

}  // namespace

int answer(int fd, unsigned long request, void* argument) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!says("plugged") && request != VIDIOC_DQBUF && request != VIDIOC_STREAMOFF) return fail(ENODEV);
  switch (request) {
    case VIDIOC_QUERYCAP:
      return describe_device(static_cast<v4l2_capability*>(argument));
    case VIDIOC_ENUM_FMT:
    case VIDIOC_ENUM_FRAMESIZES:
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return enumerate(request, argument);
    case VIDIOC_G_FMT:
      describe(current, static_cast<v4l2_format*>(argument));
      return 0;
    case VIDIOC_TRY_FMT:
    case VIDIOC_S_FMT: {
      if (request == VIDIOC_S_FMT && says("busy")) return fail(EBUSY);
      auto* format = static_cast<v4l2_format*>(argument);
      const Mode mode = nearest(format->fmt.pix.pixelformat, format->fmt.pix.width);
      if (request == VIDIOC_S_FMT) current = mode;
      describe(mode, format);
      return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
      return agree_on_rate(static_cast<v4l2_streamparm*>(argument));
    case VIDIOC_REQBUFS:
      return request_buffers(static_cast<v4l2_requestbuffers*>(argument));
    case VIDIOC_QUERYBUF: {
      auto* buffer = static_cast<v4l2_buffer*>(argument);
      if (buffer->index >= memory.size()) return fail(EINVAL);
      buffer->length = buffer_bytes();
      buffer->m.offset = buffer->index * buffer_bytes();
      buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
      return 0;
    }
    case VIDIOC_QBUF:
      queued.push_back(static_cast<v4l2_buffer*>(argument)->index);
      return 0;
    case VIDIOC_DQBUF:
      return take_buffer(fd, static_cast<v4l2_buffer*>(argument));
    case VIDIOC_STREAMON:
      return set_timer(fd, current.fps);
    case VIDIOC_STREAMOFF:
      queued.clear();
      return set_timer(fd, 0);
    default:
      return fail(ENOTTY);
  }
}

int open_device() {
  if (!says("plugged")) return fail(ENOENT);
  if (says("denied")) return fail(EACCES);
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  std::lock_guard<std::mutex> lock(mutex);
  if (fd >= 0) opened[fd] = true;
  return fd;
}

int stat_device(struct stat* status) {
  *status = {};
  status->st_mode = S_IFCHR | 0660;
  status->st_rdev = makedev(81, 90);
  return 0;
}

void forget(int fd) {
  std::lock_guard<std::mutex> lock(mutex);
  opened.erase(fd);
}

void note_copy(int fd, int copy) {
  std::lock_guard<std::mutex> lock(mutex);
  if (copy >= 0 && opened.count(fd) != 0) opened[copy] = true;
}

void* map_buffer(size_t length, off_t offset) {
  const auto map = real<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  void* mapped = map(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::lock_guard<std::mutex> lock(mutex);
  const size_t index = static_cast<size_t>(offset) / buffer_bytes();
  if (index < memory.size()) memory[index] = mapped;
  return mapped;
}

}  // namespace soft
