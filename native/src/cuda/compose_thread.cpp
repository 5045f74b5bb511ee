#include "cuda/compose_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/picture_pool.hpp"
#include "cuda/compose.hpp"
#include "cuda/device_picture.hpp"
#include "cuda/mapped_picture.hpp"
#include "cuda/pinned_pictures.hpp"
#include "cuda/upload.hpp"

namespace diptych::cuda {

namespace {

using BufferPtr = std::unique_ptr<GstBuffer, decltype(&gst_buffer_unref)>;

// What was uploaded of frames that still live.
class Uploads {
 public:
  explicit Uploads(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  FramePtr of(const FramePtr& frame) {
    if (frame->in_cuda_memory()) return frame;
    const auto known = entries_.find(frame.get());
    // A new frame may lie where one was that is gone.
    if (known != entries_.end() && known->second.source.lock() == frame) return known->second.uploaded;
    const Purpose purpose = frame->is_still() ? Purpose::kSetup : Purpose::kFrame;
    FramePtr uploaded = upload(device_, frame, purpose);
    entries_[frame.get()] = {frame, uploaded};
    return uploaded;
  }

  void forget_the_dead() {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      entry = entry->second.source.expired() ? entries_.erase(entry) : std::next(entry);
    }
  }

 private:
  struct Entry {
    std::weak_ptr<const VideoFrame> source;
    FramePtr uploaded;
  };
  std::shared_ptr<Device> device_;
  std::unordered_map<const VideoFrame*, Entry> entries_;
};

class Composer {
 public:
  explicit Composer(const std::shared_ptr<Device>& device)
      : device_(device), stream_(device), painter_(*device), uploads_(device), pinned_(device) {}

  FramePtr compose(const ComposeJob& job, bool to_host) {
    uploads_.forget_the_dead();
    std::vector<std::unique_ptr<MappedDevicePicture>> pictures;
    std::vector<PaintRegion> regions;
    for (const ComposeJob::Region& region : job.regions) {
      PaintRegion paint{nullptr, region.crop, region.dest, region.alpha, {}, region.only_corners, {}};
      std::copy_n(region.colour, 3, paint.colour);
      std::copy_n(region.radii, 4, paint.radii);
      if (region.frame != nullptr) {
        pictures.push_back(std::make_unique<MappedDevicePicture>(uploads_.of(region.frame)));
        paint.picture = &pictures.back()->picture();
      }
      regions.push_back(paint);
    }
    const SourceTimes times = newest_source(job);
    return to_host ? paint_for_host(job, regions, times) : paint_on_gpu(job, regions, times);
  }

 private:
  FramePtr paint_on_gpu(const ComposeJob& job, const std::vector<PaintRegion>& regions, const SourceTimes& times) {
    const DevicePicture output = acquire_device_picture(device_, job.width, job.height);
    const BufferPtr buffer(output.buffer, gst_buffer_unref);
    painter_.paint(stream_, regions, output.picture);
    stream_.wait();
    return std::make_shared<const VideoFrame>(buffer.get(), output.info, times.pts_ms, times.arrived_ms);
  }

  FramePtr paint_for_host(const ComposeJob& job, const std::vector<PaintRegion>& regions, const SourceTimes& times) {
    const GstVideoInfo info = composed_picture_info(job.width, job.height);
    if (canvas_.size() < info.size) canvas_ = Buffer(device_, info.size);
    const PinnedPictures::Picture output = pinned_.acquire(info);
    const BufferPtr buffer(output.buffer, gst_buffer_unref);
    painter_.paint(stream_, regions, picture_in_canvas(info));
    stream_.copy_to_host(output.data, info.size, canvas_.address(), info.size, info.size, 1, Purpose::kFrame);
    stream_.wait();
    return std::make_shared<const VideoFrame>(buffer.get(), info, times.pts_ms, times.arrived_ms);
  }

  Picture picture_in_canvas(const GstVideoInfo& info) const {
    const auto plane = [&](guint index) {
      Plane made;
      made.data = reinterpret_cast<const uint8_t*>(canvas_.address() + GST_VIDEO_INFO_PLANE_OFFSET(&info, index));
      made.stride = GST_VIDEO_INFO_PLANE_STRIDE(&info, index);
      made.width = GST_VIDEO_INFO_COMP_WIDTH(&info, index);
      made.height = GST_VIDEO_INFO_COMP_HEIGHT(&info, index);
      return made;
    };
    Picture picture;
    picture.width = info.width;
    picture.height = info.height;
    picture.y = plane(GST_VIDEO_COMP_Y);
    picture.u = plane(GST_VIDEO_COMP_U);
    picture.v = plane(GST_VIDEO_COMP_V);
    return picture;
  }

  std::shared_ptr<Device> device_;
  Stream stream_;
  DevicePainter painter_;
  Uploads uploads_;
  PinnedPictures pinned_;
  // What is painted for the host, before it goes there.
  Buffer canvas_;
};

}  // namespace

ComposeThread& ComposeThread::instance() {
  // Never destroyed: the thread may be at work while the process exits.
  static ComposeThread* only = new ComposeThread();
  return *only;
}

ComposeThread::ComposeThread() {
  std::thread thread(&ComposeThread::run, this);
  pthread_setname_np(thread.native_handle(), "diptych-gpu");
  thread.detach();
}

void ComposeThread::submit(ComposeJob job, bool to_host) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back({std::move(job), to_host});
  }
  waiting_.notify_one();
}

void ComposeThread::run() {
  std::unique_ptr<Composer> composer;
  for (;;) {
    Task task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      waiting_.wait(lock, [this] { return !tasks_.empty(); });
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    FramePtr frame;
    std::exception_ptr failure;
    try {
      const std::shared_ptr<Device> device = Device::current();
      if (device == nullptr) throw std::runtime_error("compose: the GPU is not open");
      if (composer == nullptr) composer = std::make_unique<Composer>(device);
      frame = composer->compose(task.job, task.to_host);
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    task.job.regions.clear();
    task.job.done(std::move(frame), std::move(failure));
  }
}

}  // namespace diptych::cuda
