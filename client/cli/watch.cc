#include "client/cli/watch.h"

#include <algorithm>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/follow.h"
#include "client/cli/job_argument.h"
#include "client/cli/report.h"
#include "client/cli/wait_options.h"
#include "client/lib/job_json.h"
#include "client/lib/job_watch.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// A private coordinator without a worker: the job would wait for ever.
absl::Status CheckSomebodyMeasures(const JobTarget& target) {
  if (target.session->service() == nullptr || HasEnded(target.job)) {
    return absl::OkStatus();
  }
  CUSP_ASSIGN_OR_RETURN(const auto workers, target.session->client().ListWorkers());
  const bool any = std::any_of(workers.begin(), workers.end(), [](const v1::Worker& worker) {
    return worker.state() == v1::Worker::STATE_IDLE || worker.state() == v1::Worker::STATE_BUSY;
  });
  if (any) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "job " + JobId(target.job.name()) + " is " + ToText(target.job.state()) +
      " and nothing measures here: `cusp run` with the same job file continues it");
}

int RunWatch(const Invocation& invocation, const std::string& id, const WaitOptions& options) {
  const Interrupt interrupt;
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  if (const absl::Status status = CheckSomebodyMeasures(*target); !status.ok()) {
    return ReportError(status);
  }
  return WaitAndReport(target->session->client(), target->job.name(), invocation, options,
                       interrupt);
}

}  // namespace

void AddWatch(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "watch", "Follow a job to its end, then print its findings; Ctrl-C leaves the job alone");
  const auto id = AddJobArgument(*command);
  auto options = std::make_shared<WaitOptions>();
  AddWaitOptions(*command, *options);
  command->callback([&invocation, id, options] {
    invocation.action = [&invocation, id, options] { return RunWatch(invocation, *id, *options); };
  });
}

}  // namespace cusp::client
