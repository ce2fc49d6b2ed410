#include "server/api/metrics_text.h"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "common/version.h"

namespace cusp::server {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 6> kJobStates = {
    {{JobState::kQueued, "queued"},
     {JobState::kHeld, "held"},
     {JobState::kRunning, "running"},
     {JobState::kSucceeded, "succeeded"},
     {JobState::kFailed, "failed"},
     {JobState::kCancelled, "cancelled"}}};

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

// Quotation marks, backslashes and ends of lines are the format's syntax.
std::string Label(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += c;
  }
  return "\"" + text + "\"";
}

class Page {
 public:
  void Head(std::string_view name, std::string_view type, std::string_view help) {
    text_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
             std::string(name) + " " + std::string(type) + "\n";
  }
  void Value(std::string_view name, const std::string& labels, double value) {
    text_ +=
        std::string(name) + (labels.empty() ? "" : "{" + labels + "}") + " " + Number(value) + "\n";
  }
  void One(std::string_view name, std::string_view type, std::string_view help, double value) {
    Head(name, type, help);
    Value(name, "", value);
  }
  template <typename Bounds, typename Histogram>
  void Buckets(const std::string& name, std::string_view help, const Bounds& bounds,
               const Histogram& histogram) {
    Head(name, "histogram", help);
    int64_t total = 0;
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      total += histogram.counts[i];
      const std::string end = i < bounds.size() ? Number(bounds[i]) : "+Inf";
      Value(name + "_bucket", "le=" + Label(end), static_cast<double>(total));
    }
    Value(name + "_sum", "", histogram.sum);
    Value(name + "_count", "", static_cast<double>(total));
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddQueue(const ServiceFigures& figures, Page& page) {
  page.Head("cusp_jobs", "gauge", "Jobs stored, by state.");
  for (const auto& [state, name] : kJobStates) {
    page.Value("cusp_jobs", "state=" + Label(name),
               static_cast<double>(figures.queue.jobs_by_state[static_cast<size_t>(state)]));
  }
  page.Head("cusp_sweeps", "gauge", "Sweeps that wait for a worker or are leased.");
  page.Value("cusp_sweeps", "state=\"queued\"", static_cast<double>(figures.queue.sweeps_queued));
  page.Value("cusp_sweeps", "state=\"running\"", static_cast<double>(figures.queue.sweeps_running));
  page.Head("cusp_workers", "gauge", "Workers known, by state.");
  for (const auto& [state, count] : figures.workers_by_state) {
    page.Value("cusp_workers", "state=" + Label(state), static_cast<double>(count));
  }
}

void AddWrites(const CommitStats::Snapshot& commits, Page& page) {
  page.One("cusp_jobs_submitted_total", "counter", "Jobs that SubmitJob queued.",
           static_cast<double>(commits.counts.jobs_submitted));
  page.One("cusp_blocks_committed_total", "counter", "Blocks stored.",
           static_cast<double>(commits.counts.blocks));
  page.One("cusp_samples_committed_total", "counter", "Samples stored.",
           static_cast<double>(commits.counts.samples));
  page.Buckets("cusp_commit_seconds", "From a group's BEGIN to its COMMIT.", CommitStats::kSeconds,
               commits.seconds);
  page.Buckets("cusp_commit_group_size", "Mutations that shared a commit.",
               CommitStats::kGroupSizes, commits.group_sizes);
  page.One("cusp_commit_failures_total", "counter", "Groups that did not commit.",
           static_cast<double>(commits.failed));
}

void AddDisk(const DiskFigures& disk, Page& page) {
  const auto add = [&page](std::string_view name, std::string_view help, int64_t bytes) {
    if (bytes >= 0) {
      page.One(name, "gauge", help, static_cast<double>(bytes));
    }
  };
  add("cusp_database_bytes", "Size of cusp.db.", disk.database_bytes);
  add("cusp_wal_bytes", "Size of the database's log.", disk.wal_bytes);
  add("cusp_disk_free_bytes", "Free on the data folder's disk.", disk.free_bytes);
}

}  // namespace

std::string MetricsText(const ServiceFigures& figures) {
  Page page;
  AddQueue(figures, page);
  AddWrites(figures.commits, page);
  page.Head("cusp_calls_total", "counter", "Calls that ended, by method and status.");
  for (const auto& [key, count] : figures.calls) {
    page.Value("cusp_calls_total", "method=" + Label(key.first) + ",status=" + Label(key.second),
               static_cast<double>(count));
  }
  AddDisk(figures.disk, page);
  page.One("cusp_uptime_seconds", "gauge", "Since the start.", figures.uptime_seconds);
  page.Head("cusp_build_info", "gauge", "Always 1; the versions are labels.");
  page.Value(
      "cusp_build_info",
      "version=" + Label(kVersion) + ",schema=" + Label(std::to_string(figures.schema_version)), 1);
  return page.Take();
}

}  // namespace cusp::server
