#include "client/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

constexpr char kSeparator[] = " · ";
constexpr size_t kSeparatorWidth = 3;
constexpr auto kTurn = std::chrono::seconds(3);
// A log file wants to know that something happens, not each of its steps.
constexpr auto kPlainInterval = std::chrono::seconds(15);

std::string EstimateText(const v1::Estimate& estimate, v1::LengthUnit unit) {
  const v1::Comparison& comparison = estimate.comparison();
  const std::string what = Printable(comparison.candidate()) + "/" +
                           Printable(comparison.baseline()) + " " +
                           catalog::ToText(comparison.metric()) + " ";
  switch (comparison.verdict()) {
    case v1::VERDICT_CROSSES: {
      const bool persistent = comparison.has_persistent();
      if (!persistent && !comparison.has_first()) {
        return what + "dearer";
      }
      const v1::Crossing& at = persistent ? comparison.persistent() : comparison.first();
      return what + FormatLength(at.length(), unit) + " (" + FormatLength(at.low(), unit) + "–" +
             FormatLength(at.high(), unit) + ")";
    }
    case v1::VERDICT_ALWAYS:
      return what + "always cheaper";
    case v1::VERDICT_NEVER:
      return what + "> " + FormatLength(static_cast<double>(comparison.range_max()), unit);
    default:
      return what + "open";
  }
}

// The sweep that is being measured, or nullptr.
const v1::Sweep* RunningSweep(const v1::Job& job) {
  const auto running = std::find_if(
      job.sweeps().begin(), job.sweeps().end(),
      [](const v1::Sweep& sweep) { return sweep.state() == v1::Sweep::STATE_RUNNING; });
  return running == job.sweeps().end() ? nullptr : &*running;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string line;
  for (const std::string& part : parts) {
    line += line.empty() ? part : kSeparator + part;
  }
  return line;
}

std::vector<std::string> SweepParts(const v1::Job& job, const v1::Sweep& sweep,
                                    std::chrono::seconds since) {
  const v1::SweepProgress& progress = sweep.progress();
  std::string head = catalog::ToText(sweep.mode()) + " " + catalog::ToText(sweep.dtype());
  if (job.sweeps_total() > 1) {
    head += " (" + std::to_string(job.sweeps_ended() + 1) + " of " +
            std::to_string(job.sweeps_total()) + ")";
  }
  std::vector<std::string> parts = {head};
  if (!sweep.has_progress()) {
    parts.push_back("starting");
    return parts;
  }
  // The expected number is an estimate, and may be passed.
  parts.push_back(FormatCount(progress.blocks_done()) + "/" +
                  FormatCount(std::max(progress.blocks_done(), progress.blocks_expected())) +
                  " blocks");
  if (progress.current_length() > 0) {
    const auto length = static_cast<double>(progress.current_length());
    parts.push_back("length " + FormatLength(length, job.spec().lengths().unit()));
  } else if (!progress.phase().empty()) {
    parts.push_back(Printable(progress.phase()));
  }
  if (progress.has_time_left()) {
    const std::chrono::seconds left(progress.time_left().seconds());
    parts.push_back(FormatDuration(std::max(left - since, std::chrono::seconds(0))) + " left");
  }
  return parts;
}

// Appends as many estimates as fit, beginning with the one whose turn it is.
void AddEstimates(const v1::Job& job, const v1::SweepProgress& progress, const ProgressView& view,
                  std::vector<std::string>& parts) {
  size_t width = DisplayWidth(Join(parts));
  const auto count = static_cast<size_t>(progress.estimates_size());
  for (size_t i = 0; i < count; ++i) {
    const auto at = static_cast<int>((view.turn + i) % count);
    std::string text = EstimateText(progress.estimates(at), job.spec().lengths().unit());
    width += kSeparatorWidth + DisplayWidth(text);
    if (view.width > 0 && width > view.width) {
      return;
    }
    parts.push_back(std::move(text));
  }
}

size_t TerminalWidth(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

}  // namespace

std::string RenderProgress(const v1::Job& job, const ProgressView& view) {
  std::vector<std::string> parts;
  if (const v1::Sweep* sweep = RunningSweep(job)) {
    parts = SweepParts(job, *sweep, view.since);
    AddEstimates(job, sweep->progress(), view, parts);
  } else {
    parts.push_back("job " + ToText(job.state()));
    if (!job.waiting_reason().empty()) {
      parts.push_back(Printable(job.waiting_reason()));
    }
  }
  const std::string line = Join(parts);
  return view.width > 0 ? Shortened(line, view.width) : line;
}

ProgressLine::Style ProgressLine::StyleOf(std::FILE* out, bool quiet) {
  if (quiet) {
    return Style::kNone;
  }
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  return isatty(fileno(out)) == 1 && !dumb ? Style::kLive : Style::kPlain;
}

void ProgressLine::Show(const v1::Job& job) {
  const bool state_changed = !has_job_ || job.state() != job_.state() ||
                             job.sweeps_ended() != job_.sweeps_ended() ||
                             job.waiting_reason() != job_.waiting_reason();
  job_ = job;
  has_job_ = true;
  snapshot_time_ = clock_.Now();
  if (state_changed) {
    last_print_ = {};
  }
  Draw();
}

void ProgressLine::Tick() {
  if (has_job_) {
    Draw();
  }
}

void ProgressLine::Draw() {
  if (style_ == Style::kNone) {
    return;
  }
  const Clock::Monotonic now = clock_.Now();
  const bool live = style_ == Style::kLive;
  if (!live && last_print_ != Clock::Monotonic{} && now - last_print_ < kPlainInterval) {
    return;
  }
  ProgressView view;
  // A full last column would wrap on some terminals.
  view.width = live ? TerminalWidth(out_) - 1 : 0;
  view.since = std::chrono::duration_cast<std::chrono::seconds>(now - snapshot_time_);
  view.turn = static_cast<size_t>(now.time_since_epoch() / kTurn);
  const std::string line = RenderProgress(job_, view);
  if (line == last_line_ && (drawn_ || !live)) {
    return;
  }
  last_line_ = line;
  last_print_ = now;
  if (live) {
    // Back to the start, and erase what a longer line left behind.
    std::fprintf(out_, "\r%s\x1b[K", line.c_str());
    drawn_ = true;
  } else {
    std::fprintf(out_, "%s\n", line.c_str());
  }
  std::fflush(out_);
}

void ProgressLine::Clear() {
  if (drawn_) {
    std::fputs("\r\x1b[K", out_);
    std::fflush(out_);
    drawn_ = false;
  }
}

void ProgressLine::Note(const std::string& message) {
  if (style_ == Style::kNone) {
    return;
  }
  Clear();
  std::fprintf(out_, "cusp: %s\n", message.c_str());
  std::fflush(out_);
}

}  // namespace cusp::client
