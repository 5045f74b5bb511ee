#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace diptych {

// One way in which a V4L2 device sends its pictures.
struct V4l2Mode {
  // Four characters, such as MJPG.
  std::string format;
  uint32_t width;
  uint32_t height;
  // Pictures a second; 0/1 where the driver does not say.
  uint32_t rate_numerator;
  uint32_t rate_denominator;
};

// What a V4L2 device is, or why it is not known.
struct V4l2Device {
  // As its driver names it.
  std::string name;
  std::vector<V4l2Mode> modes;
  // Empty; the name of an error, such as ENOENT; or `not-video`, `not-capture`.
  std::string problem;
};

// Asks a device what it has; takes as long as its driver.
V4l2Device examine_v4l2(const std::string& path);

}  // namespace diptych
