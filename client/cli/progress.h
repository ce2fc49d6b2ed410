// How far a job is, in one line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "common/clock.h"
#include "cusp/v1/job.pb.h"

namespace cusp::client {

// What a progress line shows besides the job.
struct ProgressView {
  size_t width = 80;              // columns at most; 0: any number
  std::chrono::seconds since{0};  // age of the snapshot
  size_t turn = 0;                // estimates take turns at the first place
};

// One line without its end, for instance "inference float32 · 37/120 blocks ·
// length 1,024 · 2m10s left · longformer/bert latency 1,180 (1,110–1,240)".
// Pure.
std::string RenderProgress(const v1::Job& job, const ProgressView& view);

// Draws the line on stderr: over itself on a terminal, now and then below one
// another elsewhere, never when quiet. Not thread-safe.
class ProgressLine {
 public:
  enum class Style { kNone, kLive, kPlain };

  // `out` and `clock` outlive the object.
  ProgressLine(Style style, std::FILE* out, const Clock& clock)
      : style_(style), out_(out), clock_(clock) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // kLive on a terminal that can move its cursor.
  static Style StyleOf(std::FILE* out, bool quiet);

  // Takes a new snapshot and draws it.
  void Show(const v1::Job& job);
  // Draws again, with the time that has passed; call it a few times a second.
  void Tick();
  // Removes the live line, so that something else can be printed.
  void Clear();
  // Prints a message for the user in a line of its own, unless quiet.
  void Note(const std::string& message);

 private:
  void Draw();

  const Style style_;
  std::FILE* const out_;
  const Clock& clock_;
  v1::Job job_;
  bool has_job_ = false;
  bool drawn_ = false;
  Clock::Monotonic snapshot_time_{};
  Clock::Monotonic last_print_{};
  std::string last_line_;
};

}  // namespace cusp::client
