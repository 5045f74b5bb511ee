#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/compose.hpp"
#include "core/frame_store.hpp"
#include "core/picture_pool.hpp"

namespace diptych {

// One picture to compose.
struct ComposeJob {
  // As PaintRegion, with a frame that is held until the job is done.
  struct Region {
    // Null where the region is of one colour.
    FramePtr frame;
    Crop crop;
    Rectangle dest;
    int alpha;
    uint8_t colour[3];
    bool only_corners;
    int radii[4];
  };
  // Of the picture: pixels, even.
  int width;
  int height;
  std::vector<Region> regions;
  // Called on a compose thread: a frame, or null and what was thrown.
  std::function<void(FramePtr frame, std::exception_ptr failure)> done;
};

// Times of the job's newest source, milliseconds; 0 without one.
struct SourceTimes {
  double pts_ms = 0;
  double arrived_ms = 0;
};
// Of the region whose frame has the highest PTS.
SourceTimes newest_source(const ComposeJob& job);

// Does the jobs of the whole process, begun in order, on half of the machine's cores, at most
// four: a process may have many streams, and composing is a part of what each costs. The frames
// are I420, BT.709, limited range, chroma sited as in MPEG-2, with the PTS of their newest source
// (0 without one); their memory comes from a pool a size and goes back to it.
class ComposeThreads {
 public:
  // One a process; starts its threads on first use. Any thread.
  static ComposeThreads& instance();
  // Returns at once; `done` of the job is called exactly once. Any thread.
  void submit(ComposeJob job);

 private:
  ComposeThreads();
  [[noreturn]] void run();

  PicturePool pool_;

  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<ComposeJob> jobs_;
};

}  // namespace diptych
