#include "client/cli/submit.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/dry_run.h"
#include "client/cli/exit_code.h"
#include "client/cli/follow.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/cli/upload_progress.h"
#include "client/cli/wait_options.h"
#include "client/lib/job_file.h"
#include "client/lib/job_json.h"
#include "client/lib/weights_upload.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

struct SubmitOptions {
  std::string file;
  std::string request_id;
  std::string deadline;
  std::vector<std::string> after_ok;  // as typed
  Queueing queueing;
  bool wait = false;
  bool parsable = false;
  bool dry_run = false;
  WaitOptions waiting;
};

void PrintJob(const v1::Job& job, const Invocation& invocation, const SubmitOptions& options) {
  if (options.parsable) {
    std::printf("%s\n", JobId(job.name()).c_str());
  } else if (options.wait) {
    // Standard output is for the findings.
    if (!invocation.quiet) {
      std::fprintf(stderr, "cusp: job %s %s\n", JobId(job.name()).c_str(),
                   ToText(job.state()).c_str());
    }
  } else if (invocation.json) {
    std::fputs(ToText(JobToJson(job)).c_str(), stdout);
  } else {
    std::printf("job %s %s\n", JobId(job.name()).c_str(), ToText(job.state()).c_str());
  }
  std::fflush(stdout);
}

// --parsable promises the id alone, so what was found is not printed.
int WaitSilently(Client& client, const std::string& name, const Invocation& invocation,
                 const SubmitOptions& options, const Interrupt& interrupt) {
  const SystemClock clock;
  ProgressLine progress(ProgressLine::StyleOf(stderr, invocation.quiet), stderr, clock);
  const FollowEnd end =
      Follow(client, name, {.timeout = options.waiting.timeout, .supervise = nullptr}, interrupt,
             progress);
  return end.exit_code.value_or(ExitCodeOf(end.job));
}

// Needs no coordinator, but predicts more with one.
int DryRun(const Invocation& invocation, const v1::JobSpec& spec) {
  const auto session = Session::Open(invocation, Need::kServing);
  Client* client = session.ok() ? &(*session)->client() : nullptr;
  return PrintDryRun(invocation, spec, client, session.status());
}

// How the job is queued. INVALID_ARGUMENT for ids and a deadline that are none.
absl::StatusOr<Queueing> QueueingOf(const SubmitOptions& options) {
  Queueing queueing = options.queueing;
  for (const std::string& id : options.after_ok) {
    CUSP_ASSIGN_OR_RETURN(queueing.after_ok.emplace_back(), JobName(id));
  }
  if (!options.deadline.empty()) {
    CUSP_ASSIGN_OR_RETURN(queueing.deadline_us,
                          ParseDeadline(options.deadline, SystemClock().WallMicros()));
  }
  return queueing;
}

// Weights that the coordinator lacks. A private one's worker reads them where they lie.
absl::Status SendWeights(Session& session, const v1::JobSpec& spec, const Invocation& invocation,
                         const Interrupt& interrupt) {
  if (session.service() != nullptr) {
    return absl::OkStatus();
  }
  const SystemClock clock;
  UploadProgress progress(ProgressLine::StyleOf(stderr, invocation.quiet), stderr, clock);
  return UploadWeights(session.client(), spec,
                       [&](const std::string& path, int64_t sent, int64_t size) {
                         progress.Show(path, sent, size);
                         return interrupt.signal() == 0
                                    ? absl::OkStatus()
                                    : absl::CancelledError(
                                          "interrupted; submitting again goes on with the weights "
                                          "where this stopped");
                       });
}

int RunSubmit(const Invocation& invocation, const SubmitOptions& options) {
  const auto spec = ReadJobFile(options.file);
  if (!spec.ok()) {
    return ReportBadInput(spec.status());
  }
  const auto queueing = QueueingOf(options);
  if (!queueing.ok()) {
    return ReportBadInput(queueing.status());
  }
  if (options.dry_run) {
    return DryRun(invocation, *spec);
  }
  const Interrupt interrupt;
  const auto session = Session::Open(invocation, Need::kServing);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const absl::Status sent = SendWeights(**session, *spec, invocation, interrupt);
  if (!sent.ok()) {
    const int code = ReportError(sent);
    return interrupt.signal() == 0 ? code : interrupt.ExitCode();
  }
  Client& client = (*session)->client();
  const std::string request_id = options.request_id.empty() ? NewUuid() : options.request_id;
  const auto job = client.SubmitJob(*spec, *queueing, request_id);
  if (!job.ok()) {
    return ReportError(job.status());
  }
  PrintJob(*job, invocation, options);
  if (!options.wait) {
    return kExitDone;
  }
  return options.parsable
             ? WaitSilently(client, job->name(), invocation, options, interrupt)
             : WaitAndReport(client, job->name(), invocation, options.waiting, interrupt);
}

std::string CheckUuid(const std::string& text) {
  return IsUuid(text) ? "" : "`" + text + "` is no UUID; `uuidgen` makes one";
}

}  // namespace

void AddSubmit(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("submit", "Queue a job at a coordinator");
  auto options = std::make_shared<SubmitOptions>();
  command->add_option("spec", options->file, "The job file")->required()->type_name("SPEC");
  command
      ->add_option("--request-id", options->request_id,
                   "Name of this request: the same one queues one job, however often it is sent")
      ->type_name("UUID")
      ->check(CheckUuid);
  command->add_option("--priority", options->queueing.priority, "Higher runs earlier, -100 to 100")
      ->type_name("N")
      ->check(CLI::Range(-100, 100));
  command->add_flag("--hold", options->queueing.hold, "Start nothing before `cusp release`");
  command
      ->add_option("--after-ok", options->after_ok,
                   "Start only once this job has succeeded; may be given several times")
      ->type_name("ID")
      ->allow_extra_args(false);
  command
      ->add_option("--deadline", options->deadline,
                   "Fail unless ended by then: 2h, or 2026-11-30T18:00:00Z")
      ->type_name("WHEN");
  command->add_flag("--wait", options->wait, "Follow the job, and print its findings");
  AddWaitOptions(*command, options->waiting);
  command->get_option("--timeout")->needs("--wait");
  command->get_option("--strict")->needs("--wait");
  command->add_flag("--parsable", options->parsable, "Print the job's id alone");
  command->add_flag("--dry-run", options->dry_run,
                    "Check the job file, print what is expected of it, and queue nothing");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunSubmit(invocation, *options); };
  });
}

}  // namespace cusp::client
