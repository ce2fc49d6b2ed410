#include "client/cli/follow.h"

#include "client/cli/exit_code.h"
#include "client/lib/job_watch.h"

namespace cusp::client {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);

}  // namespace

int ExitCodeOf(const v1::Job& job) {
  switch (job.state()) {
    case v1::Job::STATE_SUCCEEDED:
      return kExitDone;
    case v1::Job::STATE_FAILED:
      return kExitJobFailed;
    case v1::Job::STATE_CANCELLED:
      return kExitJobCancelled;
    default:
      return kExitUnexpected;
  }
}

FollowEnd Follow(Client& client, const std::string& name, const FollowOptions& options,
                 const Interrupt& interrupt, ProgressLine& progress) {
  const auto start = std::chrono::steady_clock::now();
  const auto deadline = start + options.timeout;
  JobWatch watch(client, name);
  FollowEnd end;
  bool lost = false;
  bool shown = true;  // the newest snapshot; there is none yet
  while (true) {
    const JobWatch::Event event = watch.Next(kTick);
    if (event == JobWatch::Event::kJob) {
      end.job = watch.job();
      lost = false;
      if (HasEnded(end.job)) {
        break;
      }
      shown = false;
    } else if (event == JobWatch::Event::kRefused) {
      progress.Clear();
      end.exit_code = ReportError(client.Explain(watch.status()));
      break;
    } else if (event == JobWatch::Event::kLost) {
      if (!lost) {
        progress.Note("connection lost; trying again");
      }
      lost = true;
      if (const absl::Status status = client.Revive(); !status.ok()) {
        progress.Clear();
        end.exit_code = ReportError(status);
        break;
      }
    } else if (shown && !lost) {
      progress.Tick();
    }
    if (!shown && (end.job.state() != v1::Job::STATE_QUEUED ||
                   std::chrono::steady_clock::now() - start >= options.waiting_shown_after)) {
      progress.Show(end.job);
      shown = true;
    }
    if (interrupt.signal() != 0) {
      end.exit_code = interrupt.ExitCode();
      break;
    }
    if (options.timeout.count() > 0 && std::chrono::steady_clock::now() >= deadline) {
      end.exit_code = kExitTimeout;
      break;
    }
    if (options.supervise) {
      end.exit_code = options.supervise();
      if (end.exit_code) {
        break;
      }
    }
  }
  progress.Clear();
  return end;
}

}  // namespace cusp::client
