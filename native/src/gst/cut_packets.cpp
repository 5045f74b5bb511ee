#include "gst/cut_packets.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace diptych {

namespace {

constexpr size_t kFixedHeader = 12;

struct Watch {
  const NalCodec codec;
  std::atomic<uint64_t> cut{0};
};
using WatchPtr = std::shared_ptr<Watch>;

GQuark quark() {
  static const GQuark name = g_quark_from_static_string("diptych-cut-packets");
  return name;
}

void free_reference(gpointer watch) { delete static_cast<WatchPtr*>(watch); }

// Bytes of an RTP packet (RFC 3550, section 5.1) behind header and extension, without padding; 0 where it has none.
size_t payload_size(const uint8_t* packet, size_t size, size_t& begin) {
  if (size < kFixedHeader) return 0;
  begin = kFixedHeader + 4u * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) {
    if (size < begin + 4) return 0;
    begin += 4 + 4u * ((packet[begin + 2] << 8) | packet[begin + 3]);
  }
  const size_t padding = (packet[0] & 0x20) != 0 ? packet[size - 1] : 0;
  return size > begin + padding ? size - begin - padding : 0;
}

// Least size of a payload of H.264 (RFC 6184, section 5.2): headers, and something behind them.
size_t least_h264(uint8_t header) {
  switch (header & 0x1f) {
    case 24:  // STAP-A: its header, the size of a NAL unit, its header
      return 4;
    case 25:  // STAP-B: the same with a decoding order number
      return 6;
    case 28:  // FU-A: indicator, header
      return 3;
    case 29:  // FU-B: the same with a decoding order number
      return 5;
    default:
      return 1;
  }
}

// The same of H.265 (RFC 7798, section 4.4).
size_t least_h265(uint8_t header) {
  switch ((header >> 1) & 0x3f) {
    case 48:  // aggregation packet: its header, the size of a NAL unit, its header
      return 6;
    case 49:  // fragmentation unit: two headers
      return 4;
    default:  // its header; the end of a sequence has nothing more
      return 2;
  }
}

GstPadProbeReturn on_packet(GstPad*, GstPadProbeInfo* info, gpointer data) {
  Watch& watch = **static_cast<WatchPtr*>(data);
  GstMapInfo map;
  if (!gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ)) return GST_PAD_PROBE_OK;
  size_t begin = 0;
  const size_t size = payload_size(map.data, map.size, begin);
  bool is_cut = size == 0;
  if (!is_cut) {
    const auto least = watch.codec == NalCodec::h264 ? least_h264 : least_h265;
    is_cut = size < least(map.data[begin]);
  }
  gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
  if (!is_cut) return GST_PAD_PROBE_OK;
  ++watch.cut;
  return GST_PAD_PROBE_DROP;
}

}  // namespace

uint64_t cut_packets(GstElement* element, NalCodec codec) {
  const auto* known = static_cast<const WatchPtr*>(g_object_get_qdata(G_OBJECT(element), quark()));
  if (known != nullptr) return (*known)->cut;
  GstPad* pad = gst_element_get_static_pad(element, "src");
  if (pad == nullptr) return 0;
  const WatchPtr watch(new Watch{codec});
  g_object_set_qdata_full(G_OBJECT(element), quark(), new WatchPtr(watch), free_reference);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, new WatchPtr(watch), free_reference);
  gst_object_unref(pad);
  return 0;
}

}  // namespace diptych
