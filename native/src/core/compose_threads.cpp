#include "core/compose_threads.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace diptych {

namespace {

constexpr unsigned kMostThreads = 4;

// The output buffer while it is painted.
class MappedCanvas {
 public:
  MappedCanvas(GstBuffer* buffer, const GstVideoInfo& info) {
    if (!gst_video_frame_map(&mapped_, &info, buffer, GST_MAP_WRITE)) {
      throw std::runtime_error("compose: the output picture could not be mapped for writing");
    }
  }
  ~MappedCanvas() { gst_video_frame_unmap(&mapped_); }
  MappedCanvas(const MappedCanvas&) = delete;
  MappedCanvas& operator=(const MappedCanvas&) = delete;

  Canvas canvas() {
    Canvas canvas{};
    canvas.width = GST_VIDEO_FRAME_WIDTH(&mapped_);
    canvas.height = GST_VIDEO_FRAME_HEIGHT(&mapped_);
    for (int p = 0; p < 3; ++p) {
      canvas.planes[p] = {static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&mapped_, p)),
                          GST_VIDEO_FRAME_PLANE_STRIDE(&mapped_, p)};
    }
    return canvas;
  }

 private:
  GstVideoFrame mapped_;
};

class Composer {
 public:
  explicit Composer(PicturePool& pool) : pool_(pool) {}

  FramePtr compose(const ComposeJob& job) {
    std::vector<std::unique_ptr<MappedPicture>> pictures;
    std::vector<PaintRegion> regions;
    for (const ComposeJob::Region& region : job.regions) {
      PaintRegion paint{nullptr, region.crop, region.dest, region.alpha, {}, region.only_corners, {}};
      std::copy_n(region.colour, 3, paint.colour);
      std::copy_n(region.radii, 4, paint.radii);
      if (region.frame != nullptr) {
        pictures.push_back(std::make_unique<MappedPicture>(region.frame));
        paint.picture = &pictures.back()->picture();
      }
      regions.push_back(paint);
    }
    GstVideoInfo info;
    // Given back to the pool on every way out; the frame holds a reference of its own.
    const std::unique_ptr<GstBuffer, decltype(&gst_buffer_unref)> buffer(
        pool_.acquire(job.width, job.height, info), gst_buffer_unref);
    painter_.paint(regions, MappedCanvas(buffer.get(), info).canvas());
    const SourceTimes times = newest_source(job);
    return std::make_shared<const VideoFrame>(buffer.get(), info, times.pts_ms, times.arrived_ms);
  }

 private:
  PicturePool& pool_;
  Painter painter_{row_functions()};
};

}  // namespace

SourceTimes newest_source(const ComposeJob& job) {
  const VideoFrame* newest = nullptr;
  for (const ComposeJob::Region& region : job.regions) {
    const VideoFrame* frame = region.frame.get();
    if (frame != nullptr && (newest == nullptr || frame->pts_ms() > newest->pts_ms())) newest = frame;
  }
  return newest == nullptr ? SourceTimes{} : SourceTimes{newest->pts_ms(), newest->arrived_ms()};
}

ComposeThreads& ComposeThreads::instance() {
  // Never destroyed: the threads may be at work while the process exits.
  static ComposeThreads* threads = new ComposeThreads();
  return *threads;
}

ComposeThreads::ComposeThreads() {
  const unsigned count = std::clamp(std::thread::hardware_concurrency() / 2, 1U, kMostThreads);
  for (unsigned i = 0; i < count; ++i) {
    std::thread thread(&ComposeThreads::run, this);
    pthread_setname_np(thread.native_handle(), "diptych-compose");
    thread.detach();
  }
}

void ComposeThreads::submit(ComposeJob job) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  waiting_.notify_one();
}

void ComposeThreads::run() {
  Composer composer(pool_);
  for (;;) {
    ComposeJob job;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      waiting_.wait(lock, [this] { return !jobs_.empty(); });
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    FramePtr frame;
    std::exception_ptr failure;
    try {
      frame = composer.compose(job);
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    job.regions.clear();
    job.done(std::move(frame), std::move(failure));
  }
}

}  // namespace diptych
