#include "cuda/upload.hpp"

#include <mutex>
#include <stdexcept>
#include <string>

#include "core/device_memory.hpp"
#include "cuda/device_picture.hpp"
#include "cuda/picture_layout.hpp"

namespace diptych::cuda {

namespace {

// The stream of uploads, one at a time.
struct Uploads {
  std::mutex mutex;
  Stream stream;
  static Uploads& of(const std::shared_ptr<Device>& device) {
    static Uploads* only = new Uploads{{}, Stream(device)};
    return *only;
  }
};

struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};

}  // namespace

FramePtr upload(const std::shared_ptr<Device>& device, const FramePtr& frame, Purpose purpose) {
  if (frame->in_cuda_memory()) return frame;
  GstVideoInfo source = frame->info();
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&source);
  if (!is_picture_format(format)) {
    throw std::runtime_error(std::string("frame: expected I420, NV12 or P010_10LE, got ") +
                             gst_video_format_to_string(format));
  }
  // Ours: encoders are given what is painted, not what is uploaded (and GStreamer 1.22 loses the last
  // plane of I420 of odd height on the way down).
  DevicePicture made = acquire_own_picture(device, format, GST_VIDEO_INFO_WIDTH(&source), GST_VIDEO_INFO_HEIGHT(&source));
  const std::unique_ptr<GstBuffer, BufferUnref> buffer(made.buffer);
  made.info.colorimetry = source.colorimetry;
  made.info.chroma_site = source.chroma_site;

  GstVideoFrame mapped;
  if (!DeviceMemory::current().map_to_host(&mapped, *frame)) {
    throw std::runtime_error("frame: its memory could not be mapped for reading");
  }
  const std::unique_ptr<GstVideoFrame, void (*)(GstVideoFrame*)> unmapped(&mapped, gst_video_frame_unmap);
  Uploads& uploads = Uploads::of(device);
  std::lock_guard<std::mutex> lock(uploads.mutex);
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&source); ++plane) {
    // The component of a plane's number lies in it.
    const size_t width = static_cast<size_t>(GST_VIDEO_INFO_COMP_WIDTH(&source, plane)) *
                         static_cast<size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&source, plane));
    uploads.stream.copy_to_device(made.address + made.info.offset[plane], static_cast<size_t>(made.info.stride[plane]),
                                  GST_VIDEO_FRAME_PLANE_DATA(&mapped, plane),
                                  static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, plane)), width,
                                  static_cast<size_t>(GST_VIDEO_INFO_COMP_HEIGHT(&source, plane)), purpose);
  }
  uploads.stream.wait();
  return std::make_shared<VideoFrame>(made.buffer, made.info, frame->pts_ms(), frame->arrived_ms(),
                                      frame->is_still());
}

}  // namespace diptych::cuda
