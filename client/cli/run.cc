#include "client/cli/run.h"

#include <google/protobuf/util/message_differencer.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "client/cli/dry_run.h"
#include "client/cli/exit_code.h"
#include "client/cli/follow.h"
#include "client/cli/report.h"
#include "client/cli/session.h"
#include "client/cli/wait_options.h"
#include "client/lib/job_file.h"
#include "client/lib/job_watch.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr int kWorkerDeathsAllowed = 1;
constexpr auto kWorkerStart = std::chrono::seconds(5);
constexpr int kUnfinishedLooked = 50;
constexpr auto kCancelPatience = std::chrono::seconds(10);
constexpr auto kCancelPoll = std::chrono::milliseconds(100);

struct RunOptions {
  std::string file;
  std::chrono::milliseconds timeout{0};
  bool strict = false;
  bool dry_run = false;
};

// Device of a worker that can take the job.
std::string DeviceFor(const v1::JobSpec& spec) {
  if (spec.device() == "cpu") {
    return "cpu";
  }
  return spec.device() == "cuda" ? "cuda:0" : "auto";
}

// The whole of `cusp run`: one job, on a private coordinator and worker.
class LocalRun {
 public:
  LocalRun(const Invocation& invocation, const RunOptions& options, v1::JobSpec spec)
      : invocation_(invocation),
        options_(options),
        spec_(std::move(spec)),
        progress_(ProgressLine::StyleOf(stderr, invocation.quiet), stderr, clock_) {}

  int Run(const Interrupt& interrupt) {
    auto session = Session::Open(invocation_, Need::kPrivate);
    if (!session.ok()) {
      return ReportError(session.status());
    }
    session_ = *std::move(session);
    if (const absl::Status status = Begin(); !status.ok()) {
      return ReportError(status);
    }
    const FollowEnd end = Follow(session_->client(), name_,
                                 {.timeout = options_.timeout,
                                  .supervise = [this] { return Supervise(); },
                                  .waiting_shown_after = kWorkerStart},
                                 interrupt, progress_);
    const int ended_by = end.exit_code.value_or(0);
    if (ended_by == kExitTimeout || interrupt.signal() != 0) {
      Cancel();
    } else if (ended_by != 0 && ended_by != kExitWorkerDied) {
      return ended_by;
    }
    return ReportFindings(session_->client(), name_, invocation_, options_.strict, ended_by);
  }

 private:
  // Queues the job, or finds the same one that an earlier run was kept from
  // finishing, and sees that somebody measures.
  absl::Status Begin() {
    PrivateService& service = *session_->service();
    CUSP_ASSIGN_OR_RETURN(const bool ours, service.TakeWorkerDuty());
    int others = 0;
    if (ours) {
      CUSP_ASSIGN_OR_RETURN(others, FindUnfinished());
    }
    if (name_.empty()) {
      // What an earlier run left behind waits behind this job.
      CUSP_ASSIGN_OR_RETURN(
          const v1::Job job,
          session_->client().SubmitJob(spec_, {.priority = others > 0 ? 1 : 0}, NewUuid()));
      name_ = job.name();
      progress_.Note("job " + JobId(name_) + " on this machine");
    } else {
      progress_.Note("job " + JobId(name_) +
                     " was interrupted earlier: continuing after what it measured");
    }
    return service.EnsureWorker(DeviceFor(spec_));
  }

  // Sets name_ where an unfinished job has the same spec; returns the number
  // of other unfinished ones.
  absl::StatusOr<int> FindUnfinished() {
    Client& client = session_->client();
    CUSP_ASSIGN_OR_RETURN(const auto jobs,
                          client.ListJobs({.all_owners = true, .limit = kUnfinishedLooked}));
    int others = 0;
    for (const v1::Job& listed : jobs) {
      if (HasEnded(listed)) {
        continue;
      }
      CUSP_ASSIGN_OR_RETURN(const v1::Job job, client.GetJob(listed.name()));
      if (name_.empty() && google::protobuf::util::MessageDifferencer::Equals(job.spec(), spec_)) {
        name_ = job.name();
      } else {
        ++others;
        progress_.Note("job " + JobId(job.name()) +
                       " was interrupted earlier; running its file again continues it, `cusp "
                       "cancel` ends it");
      }
    }
    return others;
  }

  std::optional<int> Supervise() {
    PrivateService& service = *session_->service();
    if (const std::optional<ExitStatus> death = service.WorkerDeath()) {
      const std::string tail = service.WorkerLogTail();
      service.StopWorker();
      progress_.Clear();
      if (++worker_deaths_ > kWorkerDeathsAllowed) {
        std::fprintf(stderr, "cusp: the worker ended again (%s); its last words:\n%s\n",
                     death->ToString().c_str(), tail.c_str());
        return kExitWorkerDied;
      }
      std::fprintf(stderr, "cusp: the worker ended (%s) and is started once more\n",
                   death->ToString().c_str());
    }
    // Also where another process had the duty until now.
    if (const absl::Status status = service.EnsureWorker(DeviceFor(spec_)); !status.ok()) {
      progress_.Clear();
      return ReportError(status);
    }
    return std::nullopt;
  }

  // Cancels and waits a moment, so that what is reported is final.
  void Cancel() {
    Client& client = session_->client();
    progress_.Note("cancelling job " + JobId(name_));
    absl::StatusOr<v1::Job> job = client.CancelJob(name_);
    const auto deadline = std::chrono::steady_clock::now() + kCancelPatience;
    while (job.ok() && !HasEnded(*job) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kCancelPoll);
      job = client.GetJob(name_);
    }
  }

  const Invocation& invocation_;
  const RunOptions& options_;
  const v1::JobSpec spec_;
  const SystemClock clock_;
  std::unique_ptr<Session> session_;
  ProgressLine progress_;
  std::string name_;
  int worker_deaths_ = 0;
};

// The worker's part is to say how fast the device is.
int DryRun(const Invocation& invocation, const v1::JobSpec& spec) {
  const auto session = Session::Open(invocation, Need::kPrivate);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  if (const absl::Status status = (*session)->service()->RegisterWorker(DeviceFor(spec));
      !status.ok()) {
    return ReportError(status);
  }
  return PrintDryRun(invocation, spec, &(*session)->client(), absl::OkStatus());
}

int RunRun(const Invocation& invocation, const RunOptions& options) {
  const Interrupt interrupt;
  auto spec = ReadJobFile(options.file);
  if (!spec.ok()) {
    return ReportBadInput(spec.status());
  }
  if (options.dry_run) {
    return DryRun(invocation, *spec);
  }
  return LocalRun(invocation, options, *std::move(spec)).Run(interrupt);
}

}  // namespace

void AddRun(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "run", "Measure a whole job on this machine; Ctrl-C cancels it and prints what is known");
  auto options = std::make_shared<RunOptions>();
  command->add_option("spec", options->file, "The job file")->required()->type_name("SPEC");
  AddTimeoutOption(*command, options->timeout,
                   "Cancel the job after this time, such as 90s or 10m, with exit code 124");
  command->add_flag("--strict", options->strict, "Exit with 8 where a comparison is undecided");
  command->add_flag("--dry-run", options->dry_run,
                    "Measure the device's speed alone, and print what is expected of the job");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunRun(invocation, *options); };
  });
}

}  // namespace cusp::client
