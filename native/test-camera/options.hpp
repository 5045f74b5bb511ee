#pragma once

#include <string>

namespace test_camera {

struct Options {
  std::string file;
  int port = 0;  // 0: a free one
  std::string mount = "/cam";
  std::string user;
  std::string password;
  bool basic_auth = false;  // digest otherwise
  std::string protocols = "any";
  bool loop = false;
  bool report_frames = false;
  bool control = false;
  double stall_after_s = -1;  // < 0: never
  double stall_for_s = 0;
};

// Throws std::invalid_argument with one sentence: option, what was expected, what came.
Options parse_options(int argc, char** argv);

extern const char* const kUsage;

}  // namespace test_camera
