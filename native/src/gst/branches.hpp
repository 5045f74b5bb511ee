#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst/elements.hpp"

namespace diptych {

// Links the pads that an element adds while it runs to those branches of the graph that take
// them: one pad to each branch, the first that fits. The delayed links of a launch string do the
// same, but not safely where two pads come at once from two threads, as those of a camera do. A pad
// fits a branch only where its caps say all that those of the branch say: what they leave open may
// be anything. What no branch takes stays unlinked.
class Branches {
 public:
  // A branch that takes one pad.
  struct Branch {
    // First element of the branch, with a pad `sink` that is not linked.
    ElementPtr element;
    // What it takes.
    GstCaps* caps;
  };
  // With the name of a branch that was just linked, and the caps of its pad as text; with no name and
  // caps for a pad that no branch takes; with neither: all pads are there. From any thread.
  using Listener = std::function<void(const std::string& element, const std::string& caps)>;

  // For the life of `source`. Takes the caps.
  static void watch(GstElement* source, std::vector<Branch> branches, Listener listener);

  // For `watch` only. Takes the caps.
  Branches(std::vector<Branch> branches, Listener listener);
  ~Branches();
  Branches(const Branches&) = delete;
  Branches& operator=(const Branches&) = delete;

 private:
  void on_pad(GstPad* pad);

  std::mutex mutex_;
  std::vector<Branch> branches_;
  const Listener listener_;
};

}  // namespace diptych
