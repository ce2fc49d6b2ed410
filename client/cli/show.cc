#include "client/cli/show.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/cli/job_text.h"
#include "client/cli/provenance_text.h"
#include "client/cli/session.h"
#include "client/lib/job_file_text.h"
#include "client/lib/job_json.h"
#include "client/lib/provenance_json.h"
#include "common/clock.h"

namespace cusp::client {
namespace {

struct ShowOptions {
  bool provenance = false;
  bool spec = false;
};

std::string TextOf(const v1::Job& job, const ShowOptions& options) {
  if (options.spec) {
    return JobFileText(job.spec());
  }
  const int64_t now = SystemClock().WallMicros() / 1'000'000;
  return RenderJob(job, now) + (options.provenance ? "\n" + RenderProvenance(job) : "");
}

nlohmann::ordered_json JsonOf(const v1::Job& job, const ShowOptions& options) {
  if (options.spec) {
    return JobFileJson(job.spec());
  }
  nlohmann::ordered_json json = JobToJson(job);
  for (int i = 0; options.provenance && i < job.sweeps_size(); ++i) {
    if (const v1::Sweep& sweep = job.sweeps(i); sweep.has_provenance()) {
      json["sweeps"][static_cast<size_t>(i)]["provenance"] =
          ProvenanceToJson(sweep.provenance(), job.spec());
    }
  }
  return json;
}

int RunShow(const Invocation& invocation, const std::string& id, const ShowOptions& options) {
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  std::fputs((invocation.json ? ToText(JsonOf(target->job, options)) : TextOf(target->job, options))
                 .c_str(),
             stdout);
  return kExitDone;
}

}  // namespace

void AddShow(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("show", "Show one job in full, and why it waits or failed");
  const auto id = AddJobArgument(*command);
  auto options = std::make_shared<ShowOptions>();
  CLI::Option* provenance =
      command->add_flag("--provenance", options->provenance,
                        "Also where, when and with what each sweep was measured");
  command
      ->add_flag("--spec", options->spec,
                 "Print the job file instead, for `cusp run` and `cusp submit`")
      ->excludes(provenance);
  command->callback([&invocation, id, options] {
    invocation.action = [&invocation, id, options] { return RunShow(invocation, *id, *options); };
  });
}

}  // namespace cusp::client
