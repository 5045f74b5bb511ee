#include <gst/video/video.h>

#include <cstring>

#include "core/device_memory.hpp"
#include "core/frame_store.hpp"
#include "core/sketch.hpp"
#include "gst/clock.hpp"
#include "napi/arguments.hpp"
#include "napi/failure.hpp"
#include "napi/napi.hpp"

namespace diptych {

namespace {

constexpr uint32_t kMaxSide = 16384;

// Calls `copy_row(component, row of the picture, row of the packed planes, bytes)` for each row,
// planes in order; gives the size of the packed planes.
template <typename CopyRow>
size_t for_each_row(const GstVideoInfo& info, CopyRow copy_row) {
  size_t offset = 0;
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane) {
    // The component of a plane's number lies in it.
    const size_t bytes = static_cast<size_t>(GST_VIDEO_INFO_COMP_WIDTH(&info, plane)) *
                         static_cast<size_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&info, plane));
    const size_t rows = static_cast<size_t>(GST_VIDEO_INFO_COMP_HEIGHT(&info, plane));
    for (size_t row = 0; row < rows; ++row) {
      copy_row(plane, row, offset, bytes);
      offset += bytes;
    }
  }
  return offset;
}

size_t packed_size(const GstVideoInfo& info) {
  return for_each_row(info, [](guint, size_t, size_t, size_t) {});
}

guint8* row_of(GstVideoFrame* frame, guint plane, size_t row) {
  return static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(frame, plane)) +
         row * static_cast<size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane));
}

uint32_t handle_argument(Napi::Value value) {
  frame_argument(value, "handle");
  return value.As<Napi::Number>().Uint32Value();
}

void retain(const Napi::CallbackInfo& info) { FrameStore::instance().retain(handle_argument(info[0])); }

void release(const Napi::CallbackInfo& info) { FrameStore::instance().release(handle_argument(info[0])); }

Napi::Value frame_info(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  return describe_frame(info.Env(), info[0].As<Napi::Number>().Uint32Value(), *frame);
}

Napi::Value create_frame(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object size = object_argument(info[0], "size");
  const uint32_t width = whole_argument(size.Get("width"), "size.width", 1, kMaxSide);
  const uint32_t height = whole_argument(size.Get("height"), "size.height", 1, kMaxSide);
  const std::string name = string_argument(info[1], "format");
  const GstVideoFormat format = gst_video_format_from_string(name.c_str());
  if (format != GST_VIDEO_FORMAT_I420 && format != GST_VIDEO_FORMAT_NV12 && format != GST_VIDEO_FORMAT_P010_10LE) {
    throw wrong_argument(env, "format", "\"I420\", \"NV12\" or \"P010_10LE\"", info[1]);
  }
  if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw wrong_argument(env, "data", "a Uint8Array", info[2]);
  }
  const auto data = info[2].As<Napi::Uint8Array>();

  GstVideoInfo video;
  gst_video_info_set_format(&video, format, width, height);
  gst_video_colorimetry_from_string(&video.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
  if (data.ByteLength() != packed_size(video)) {
    throw Napi::TypeError::New(env, "data: expected " + std::to_string(packed_size(video)) + " bytes, got " +
                                        std::to_string(data.ByteLength()));
  }

  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&video), nullptr);
  GstVideoFrame mapped;
  if (buffer == nullptr || !gst_video_frame_map(&mapped, &video, buffer, GST_MAP_WRITE)) {
    gst_clear_buffer(&buffer);
    throw Napi::Error::New(env, "size: expected a frame that fits into memory");
  }
  for_each_row(video, [&](guint plane, size_t row, size_t offset, size_t bytes) {
    std::memcpy(row_of(&mapped, plane, row), data.Data() + offset, bytes);
  });
  gst_video_frame_unmap(&mapped);

  const double now_ms = to_ms(shared_now());
  const uint32_t handle = FrameStore::instance().add(std::make_shared<VideoFrame>(buffer, video, now_ms, now_ms, true), napi_env(env));
  gst_buffer_unref(buffer);
  return Napi::Number::New(env, handle);
}

Napi::Value read_frame(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  auto data = Napi::Uint8Array::New(info.Env(), packed_size(frame->info()));
  GstVideoFrame mapped;
  try {
    if (!DeviceMemory::current().map_to_host(&mapped, *frame)) {
      throw std::runtime_error("handle: expected a frame whose memory can be read");
    }
  } catch (const std::runtime_error&) {
    throw_current_failure(info.Env());
  }
  for_each_row(frame->info(), [&](guint plane, size_t row, size_t offset, size_t bytes) {
    std::memcpy(data.Data() + offset, row_of(&mapped, plane, row), bytes);
  });
  gst_video_frame_unmap(&mapped);
  return data;
}

template <std::vector<uint8_t> (*Shrink)(const GstVideoFrame&, unsigned)>
Napi::Value small_picture_of(const Napi::CallbackInfo& info) {
  const FramePtr frame = frame_argument(info[0], "handle");
  const double step = number_argument(info[1], "step");
  if (!(step >= 1 && step <= kMaxSide)) throw wrong_argument(info.Env(), "step", "1 … 16384", info[1]);
  GstVideoFrame mapped;
  try {
    if (!DeviceMemory::current().map_to_host(&mapped, *frame)) {
      throw std::runtime_error("handle: expected a frame whose memory can be read");
    }
  } catch (const std::runtime_error&) {
    throw_current_failure(info.Env());
  }
  const std::vector<uint8_t> sketch = Shrink(mapped, static_cast<unsigned>(step));
  gst_video_frame_unmap(&mapped);
  auto data = Napi::Uint8Array::New(info.Env(), sketch.size());
  std::memcpy(data.Data(), sketch.data(), sketch.size());
  return data;
}

}  // namespace

Napi::Object describe_frame(Napi::Env env, uint32_t handle, const VideoFrame& frame) {
  Napi::Object description = Napi::Object::New(env);
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&frame.info());
  description["handle"] = Napi::Number::New(env, handle);
  description["ptsMs"] = Napi::Number::New(env, frame.pts_ms());
  description["width"] = Napi::Number::New(env, GST_VIDEO_INFO_WIDTH(&frame.info()));
  description["height"] = Napi::Number::New(env, GST_VIDEO_INFO_HEIGHT(&frame.info()));
  description["format"] = Napi::String::New(env, gst_video_format_to_string(format));
  description["memory"] = Napi::String::New(env, frame.in_cuda_memory() ? "cuda" : "system");
  description["arrivedMs"] = Napi::Number::New(env, frame.arrived_ms());
  return description;
}

void register_frames(Napi::Env env, Napi::Object exports) {
  // A worker thread that ends by an exception gives nothing back.
  env.AddCleanupHook([owner = napi_env(env)] { FrameStore::instance().release_all_of(owner); });
  exports["retain"] = Napi::Function::New<retain>(env, "retain");
  exports["release"] = Napi::Function::New<release>(env, "release");
  exports["frameInfo"] = Napi::Function::New<frame_info>(env, "frameInfo");
  exports["createFrame"] = Napi::Function::New<create_frame>(env, "createFrame");
  exports["lumaSketch"] = Napi::Function::New<small_picture_of<luma_sketch>>(env, "lumaSketch");
  exports["lumaMeans"] = Napi::Function::New<small_picture_of<luma_means>>(env, "lumaMeans");
  exports["readFrame"] = Napi::Function::New<read_frame>(env, "readFrame");
}

}  // namespace diptych
