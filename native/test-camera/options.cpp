#include "options.hpp"

#include <cstdlib>
#include <stdexcept>

namespace test_camera {

const char* const kUsage =
    "diptych-test-camera --file CLIP [options]\n"
    "  --port N           RTSP port on 127.0.0.1; 0 (default) takes a free one\n"
    "  --mount /PATH      path of the stream (default /cam)\n"
    "  --loop             start again at the end, without a seam\n"
    "  --user U --password P   ask for them; --auth digest (default) or basic\n"
    "  --protocols P      any (default), tcp or udp\n"
    "  --report-frames    one JSON line per picture handed to the payloader\n"
    "  --stall-after S --stall-for S   send nothing for a while, S seconds after the first picture\n"
    "  --control          take commands on stdin (`stall S`), end when it is closed\n";

namespace {

double number(const std::string& option, const std::string& text, double low, double high) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= low && value <= high)) {
    throw std::invalid_argument(option + ": expected a number from " + std::to_string(low) +
                                " to " + std::to_string(high) + ", got " + text);
  }
  return value;
}

std::string one_of(const std::string& option, const std::string& text,
                   std::initializer_list<const char*> allowed) {
  std::string list;
  for (const char* choice : allowed) {
    if (text == choice) return text;
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  throw std::invalid_argument(option + ": expected one of " + list + ", got " + text);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  constexpr double kDayS = 86400;
  Options options;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--loop") {
      options.loop = true;
      continue;
    }
    if (option == "--report-frames") {
      options.report_frames = true;
      continue;
    }
    if (option == "--control") {
      options.control = true;
      continue;
    }
    if (i + 1 >= argc) throw std::invalid_argument(option + ": unknown, or its value is missing");
    const std::string value = argv[++i];
    if (option == "--file") options.file = value;
    else if (option == "--port") options.port = static_cast<int>(number(option, value, 0, 65535));
    else if (option == "--mount") options.mount = value;
    else if (option == "--user") options.user = value;
    else if (option == "--password") options.password = value;
    else if (option == "--auth") options.basic_auth = one_of(option, value, {"digest", "basic"}) == "basic";
    else if (option == "--protocols") options.protocols = one_of(option, value, {"any", "tcp", "udp"});
    else if (option == "--stall-after") options.stall_after_s = number(option, value, 0, kDayS);
    else if (option == "--stall-for") options.stall_for_s = number(option, value, 0, kDayS);
    else throw std::invalid_argument(option + ": unknown option");
  }
  if (options.file.empty()) throw std::invalid_argument("--file: expected a media file, got nothing");
  if (options.mount.empty() || options.mount[0] != '/') {
    throw std::invalid_argument("--mount: expected a path that begins with /, got " + options.mount);
  }
  return options;
}

}  // namespace test_camera
