#include "core/display_orientation.hpp"

#include <cmath>
#include <cstring>
#include <vector>

namespace diptych {

namespace {

constexpr unsigned kDisplayOrientation = 47;
// Of a full turn in 65536 parts.
constexpr double kPartsPerQuarter = 16384;

struct Bytes {
  const uint8_t* data;
  size_t size;
};

enum class NalKind { other, message, picture, first_picture };

NalKind kind_of(uint8_t header, NalCodec codec) {
  if (codec == NalCodec::h264) {
    const unsigned type = header & 31;
    if (type == 6) return NalKind::message;
    if (type == 5) return NalKind::first_picture;
    return type >= 1 && type <= 4 ? NalKind::picture : NalKind::other;
  }
  const unsigned type = header >> 1 & 63;
  if (type == 39) return NalKind::message;
  // IDR and BLA.
  if (type >= 16 && type <= 20) return NalKind::first_picture;
  return type < 32 ? NalKind::picture : NalKind::other;
}

// Behind the next start code; null where none is left.
const uint8_t* next_nal(const uint8_t* from, const uint8_t* end) {
  for (const uint8_t* at = from; end - at >= 4;) {
    at = static_cast<const uint8_t*>(std::memchr(at, 0, end - at - 3));
    if (at == nullptr) return nullptr;
    if (at[1] == 0 && at[2] == 1) return at + 3;
    ++at;
  }
  return nullptr;
}

// Without the bytes that keep start codes from occurring by chance.
std::vector<uint8_t> unescaped(const Bytes& nal) {
  std::vector<uint8_t> plain;
  plain.reserve(nal.size);
  unsigned zeros = 0;
  for (size_t i = 0; i < nal.size; ++i) {
    const uint8_t byte = nal.data[i];
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    plain.push_back(byte);
  }
  return plain;
}

// A number that is written as bytes of 255 and a last smaller one; false where the message ends before it.
bool read_sum(const std::vector<uint8_t>& from, size_t* at, size_t* sum) {
  *sum = 0;
  while (*at < from.size()) {
    const uint8_t byte = from[(*at)++];
    *sum += byte;
    if (byte != 255) return true;
  }
  return false;
}

DisplayOrientation read_orientation(const uint8_t* payload) {
  const uint32_t bits = static_cast<uint32_t>(payload[0]) << 16 | static_cast<uint32_t>(payload[1]) << 8 | payload[2];
  // The message before is cancelled.
  if (bits >> 23 & 1) return {};
  const bool is_mirrored = bits >> 22 & 1;
  const bool is_upset = bits >> 21 & 1;
  const double anticlockwise = static_cast<double>(bits >> 5 & 0xffff) / kPartsPerQuarter;
  // Upside down is mirrored and turned by half.
  const int quarters = (is_upset ? 2 : 0) + 4 - static_cast<int>(std::lround(anticlockwise));
  return {is_mirrored != is_upset, quarters % 4 * 90};
}

std::optional<DisplayOrientation> read_messages(const Bytes& nal) {
  const std::vector<uint8_t> messages = unescaped(nal);
  size_t at = 0;
  size_t type = 0;
  size_t size = 0;
  while (read_sum(messages, &at, &type) && read_sum(messages, &at, &size) && size <= messages.size() - at) {
    if (type == kDisplayOrientation && size >= 3) return read_orientation(messages.data() + at);
    at += size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<DisplayOrientation> display_orientation(const uint8_t* data, size_t size, NalCodec codec) {
  const size_t header_size = codec == NalCodec::h264 ? 1 : 2;
  const uint8_t* end = data + size;
  for (const uint8_t* nal = next_nal(data, end); nal != nullptr;) {
    const NalKind kind = kind_of(*nal, codec);
    // Messages of this kind come before the picture.
    if (kind == NalKind::picture) return std::nullopt;
    if (kind == NalKind::first_picture) return DisplayOrientation{};
    const uint8_t* next = next_nal(nal, end);
    const size_t length = (next == nullptr ? end : next - 3) - nal;
    if (kind == NalKind::message && length > header_size) {
      if (const auto found = read_messages({nal + header_size, length - header_size})) return found;
    }
    nal = next;
  }
  return std::nullopt;
}

}  // namespace diptych
