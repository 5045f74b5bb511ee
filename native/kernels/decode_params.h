// What the kernels of decode.cu take.
#pragma once

#include "params.h"

namespace diptych::cuda {

constexpr int kMostDecodeLevels = 8;
constexpr int kMostDecodePictures = 32;
// So many candidates of all pictures lie together.
constexpr int kFirstCandidates = 256;

// Where candidates go: as many as there are anchors have room. Number i of every picture lie side by
// side, up to kFirstCandidates, so that one copy takes the first few of all of them; the rest of each
// picture lies elsewhere.
struct CandidatesParams {
  // int32 for each of kMostDecodePictures: how many were found.
  uint64_t counts;
  // kFirstCandidates · pictures · stride floats.
  uint64_t first;
  // (anchors − kFirstCandidates) · stride floats a picture, or none.
  uint64_t rest;
  int32_t rest_room;
  // Numbers of a candidate.
  int32_t stride;
  // Of this launch.
  int32_t pictures;
};

// The common export: one output of channels × anchors, or transposed.
struct Yolov8Params {
  CandidatesParams candidates;
  uint64_t data;
  int32_t anchors;
  int32_t channels;
  int32_t channel_step;
  int32_t anchor_step;
  int32_t first_point;
  int32_t keypoints;
  // Numbers from one keypoint to the next.
  int32_t point_values;
  // Least scores.
  float thresholds[kMostDecodePictures];
};

struct Yolov8Head {
  // channels × rows × columns a picture.
  uint64_t data;
  double stride;
  int32_t cells;
  int32_t columns;
  int32_t first_anchor;
  int32_t point_values;
};

// Raw heads: sides as distributions over distances, scores as logits.
struct Yolov8HeadsParams {
  CandidatesParams candidates;
  Yolov8Head heads[kMostDecodeLevels];
  int32_t head_count;
  int32_t anchors;
  int32_t classes;
  int32_t keypoints;
  // Least logits.
  float thresholds[kMostDecodePictures];
};

struct DecodeLevel {
  // One, one, four and two times the keypoints numbers an anchor; each picture's behind the other's.
  uint64_t scores;
  uint64_t objects;
  uint64_t boxes;
  uint64_t points;
  int32_t anchors;
  int32_t first_anchor;
  int32_t columns;
  int32_t stride;
};

// SCRFD, YuNet and BlazeFace, each with what it has.
struct LevelsParams {
  CandidatesParams candidates;
  DecodeLevel levels[kMostDecodeLevels];
  int32_t level_count;
  int32_t anchors;
  int32_t anchors_per_cell;
  int32_t keypoints;
  // BlazeFace: x, y of each anchor's middle, fractions of the input.
  uint64_t centres;
  double input_width;
  double input_height;
  // Least score (SCRFD), product of both scores (YuNet), logit (BlazeFace).
  double thresholds[kMostDecodePictures];
};

}  // namespace diptych::cuda
