// What the fake runner shall do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace cusp {

// a + b·n + c·n² for inputs of length n.
struct Curve {
  double a = 0;
  double b = 0;
  double c = 0;

  double At(double n) const { return a + b * n + c * n * n; }
};

// A misbehaviour at one point.
struct ScriptedFault {
  // Crash: dies by a signal. Exit: ends with code 3. Hang: never answers.
  // Garbage: answers with noise. Cut: dies inside an answer. Oom, invalid,
  // error: typed answers. Slow: takes 20 times as long. Zero: says that it took
  // neither time nor memory.
  enum class Kind { kCrash, kExit, kHang, kGarbage, kCut, kOom, kInvalid, kError, kSlow, kZero };
  Kind kind = Kind::kCrash;
  int variant = -1;     // number; -1: any
  int64_t length = -1;  // -1: any; 0: while the variant is built
  int times = -1;       // how often in all processes together; -1: always
};

struct ScriptedVariant {
  Curve seconds = {};
  Curve bytes = {};
};

// Read from JSON, all of it optional:
//   {"variants": [{"a": 1e-4, "b": 1e-6, "c": 1e-9,
//                  "memory": {"a": 1e6, "b": 1e3, "c": 1}}],
//    "noise": 0.01, "warmup": 2.0, "sleep_scale": 0, "start_seconds": 0,
//    "memory_limit": 1e9, "device_class": "Fake CPU",
//    "faults": [{"variant": 1, "length": 512, "kind": "crash", "times": 3}]}
// Times are reported, and taken for real only in the share sleep_scale. The first
// token of decoding takes ten times as long as a step. Of a step's components, mixing takes
// half, feed_forward three tenths and embedding the rest; a third of a training step is each of
// its parts. A variant beyond the list gets a default:
// the first of a job is quadratic, the others are linear and cross it at 500.
struct Script {
  std::vector<ScriptedVariant> variants = {};
  double noise = 0.002;      // relative standard deviation
  double warmup = 1.5;       // factor on the first call at a length
  double sleep_scale = 0;    // share of the reported time that is slept
  double start_seconds = 0;  // slept before the answer to a start
  double call_seconds = 0;   // of each call, whatever its batch
  double memory_limit = 0;   // bytes beyond which a step is out of memory; 0: none
  std::string device_class = "Fake CPU";
  std::vector<ScriptedFault> faults = {};

  ScriptedVariant Variant(int number) const;
};

// INVALID_ARGUMENT for anything but such an object.
absl::StatusOr<Script> ParseScript(const std::string& json);

}  // namespace cusp
