#include "core/jpeg.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "core/device_memory.hpp"

namespace diptych {

namespace {

template <typename T>
struct Unref {
  void operator()(T* object) const { gst_object_unref(object); }
};
template <typename T>
using ObjectPtr = std::unique_ptr<T, Unref<T>>;

// Long enough for any picture; only a broken encoder gets there.
constexpr GstClockTime kPatience = 10 * GST_SECOND;

ObjectPtr<GstElement> build(int quality) {
  // jpegenc takes Y′CbCr samples as they are, but JFIF means full range and BT.601; from RGB
  // it makes that itself, and videoconvert converts any colorimetry to RGB.
  const std::string description =
      "appsrc name=in format=time ! videoconvert ! video/x-raw,format=RGB ! jpegenc quality=" +
      std::to_string(quality) + " ! appsink name=out sync=false";
  GError* error = nullptr;
  ObjectPtr<GstElement> pipeline(gst_parse_launch(description.c_str(), &error));
  if (error != nullptr) {
    const std::string reason = error->message;
    g_error_free(error);
    throw std::runtime_error("encodeJpeg: the encoder could not be built: " + reason);
  }
  return pipeline;
}

// System memory of our own, so that the encoder neither holds the frame nor has to read CUDA memory.
GstBuffer* copy(const VideoFrame& frame, const GstVideoInfo& info) {
  GstVideoFrame from;
  GstVideoFrame to;
  if (!DeviceMemory::current().map_to_host(&from, frame)) {
    throw std::runtime_error("encodeJpeg: the frame's memory could not be mapped for reading");
  }
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
  const bool copied = gst_video_frame_map(&to, &info, buffer, GST_MAP_WRITE) != FALSE;
  if (copied) {
    gst_video_frame_copy(&to, &from);
    gst_video_frame_unmap(&to);
  }
  gst_video_frame_unmap(&from);
  if (!copied) {
    gst_buffer_unref(buffer);
    throw std::runtime_error("encodeJpeg: memory for the picture could not be had");
  }
  GST_BUFFER_PTS(buffer) = 0;
  return buffer;
}

std::vector<uint8_t> bytes(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  std::vector<uint8_t> data(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, data.data(), data.size());
  return data;
}

}  // namespace

std::vector<uint8_t> encode_jpeg(const FramePtr& frame, int quality) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_INFO_FORMAT(&frame->info()),
                            static_cast<guint>(frame->info().width), static_cast<guint>(frame->info().height));
  info.colorimetry = frame->info().colorimetry;
  info.chroma_site = frame->info().chroma_site;
  GstBuffer* picture = copy(*frame, info);

  const ObjectPtr<GstElement> pipeline = build(quality);
  const ObjectPtr<GstElement> in(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
  const ObjectPtr<GstElement> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  GstCaps* caps = gst_video_info_to_caps(&info);
  gst_app_src_set_caps(GST_APP_SRC(in.get()), caps);
  gst_caps_unref(caps);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  gst_app_src_push_buffer(GST_APP_SRC(in.get()), picture);
  gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
  GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), kPatience);
  std::vector<uint8_t> data;
  if (sample != nullptr) {
    data = bytes(sample);
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (data.empty()) throw std::runtime_error("encodeJpeg: the encoder gave no picture");
  return data;
}

}  // namespace diptych
