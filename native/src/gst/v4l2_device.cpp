// The ways in which a V4L2 device sends its pictures. GStreamer only says them once a device is opened by a graph, and
// reports errors as text.
#include "gst/v4l2_device.hpp"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace diptych {

namespace {

constexpr unsigned kVideoMajor = 81;
// A driver that never ends its lists is not followed.
constexpr uint32_t kMaxEntries = 256;
// Sizes of a device that takes any within limits.
constexpr std::pair<uint32_t, uint32_t> kUsualSizes[] = {{640, 360},   {640, 480},   {1280, 720},
                                                         {1920, 1080}, {2560, 1440}, {3840, 2160}};

int retry_ioctl(int fd, unsigned long request, void* argument) {
  int result = 0;
  do {
    result = ioctl(fd, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

std::string name_of_error(int code) {
  const char* name = strerrorname_np(code);
  return name == nullptr ? "EIO" : name;
}

std::string four_characters(uint32_t code) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) text.push_back(static_cast<char>((code >> shift) & 0x7f));
  return text;
}

// The fastest rate, which is the shortest interval.
void add_rates(int fd, uint32_t format, V4l2Mode mode, V4l2Device* device) {
  const size_t before = device->modes.size();
  for (uint32_t index = 0; index < kMaxEntries; ++index) {
    v4l2_frmivalenum interval = {};
    interval.index = index;
    interval.pixel_format = format;
    interval.width = mode.width;
    interval.height = mode.height;
    if (retry_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &interval) < 0) break;
    const bool is_discrete = interval.type == V4L2_FRMIVAL_TYPE_DISCRETE;
    const v4l2_fract& shortest = is_discrete ? interval.discrete : interval.stepwise.min;
    if (shortest.numerator == 0) continue;
    mode.rate_numerator = shortest.denominator;
    mode.rate_denominator = shortest.numerator;
    device->modes.push_back(mode);
    if (!is_discrete) break;
  }
  if (device->modes.size() == before) device->modes.push_back(mode);
}

void add_sizes(int fd, uint32_t format, V4l2Device* device) {
  const std::string name = four_characters(format);
  for (uint32_t index = 0; index < kMaxEntries; ++index) {
    v4l2_frmsizeenum size = {};
    size.index = index;
    size.pixel_format = format;
    if (retry_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &size) < 0) return;
    if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      add_rates(fd, format, {name, size.discrete.width, size.discrete.height, 0, 1}, device);
      continue;
    }
    const v4l2_frmsize_stepwise& limits = size.stepwise;
    for (const auto& [width, height] : kUsualSizes) {
      const bool is_within = width >= limits.min_width && width <= limits.max_width && height >= limits.min_height &&
                             height <= limits.max_height;
      if (is_within) add_rates(fd, format, {name, width, height, 0, 1}, device);
    }
    return;
  }
}

void add_modes(int fd, uint32_t type, V4l2Device* device) {
  for (uint32_t index = 0; index < kMaxEntries; ++index) {
    v4l2_fmtdesc format = {};
    format.index = index;
    format.type = type;
    if (retry_ioctl(fd, VIDIOC_ENUM_FMT, &format) < 0) return;
    // What libv4l would convert is not sent by the device.
    if ((format.flags & V4L2_FMT_FLAG_EMULATED) == 0) add_sizes(fd, format.pixelformat, device);
  }
}

void ask(int fd, V4l2Device* device) {
  v4l2_capability capability = {};
  if (retry_ioctl(fd, VIDIOC_QUERYCAP, &capability) < 0) {
    device->problem = errno == ENOTTY ? "not-video" : name_of_error(errno);
    return;
  }
  const auto* card = reinterpret_cast<const char*>(capability.card);
  device->name.assign(card, strnlen(card, sizeof capability.card));
  const uint32_t own = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : capability.capabilities;
  const bool is_planar = (own & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0;
  if (!is_planar && (own & V4L2_CAP_VIDEO_CAPTURE) == 0) {
    device->problem = "not-capture";
    return;
  }
  add_modes(fd, is_planar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE, device);
}

}  // namespace

V4l2Device examine_v4l2(const std::string& path) {
  V4l2Device device;
  // Opening what is no camera might do something: a watchdog restarts the machine.
  struct stat status = {};
  if (stat(path.c_str(), &status) < 0) {
    device.problem = name_of_error(errno);
    return device;
  }
  if (!S_ISCHR(status.st_mode) || major(status.st_rdev) != kVideoMajor) {
    device.problem = "not-video";
    return device;
  }
  const int fd = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    device.problem = name_of_error(errno);
    return device;
  }
  ask(fd, &device);
  close(fd);
  return device;
}

}  // namespace diptych
