#include "client/cli/report.h"

#include <algorithm>
#include <cstdio>

#include "catalog/metrics.h"
#include "client/cli/dataset_share_text.h"
#include "client/cli/exit_code.h"
#include "client/cli/follow.h"
#include "client/cli/result_text.h"
#include "client/lib/job_json.h"
#include "client/lib/result_json.h"

namespace cusp::client {

int StrictExitCode(const v1::JobResult& result) {
  const bool undecided = std::any_of(
      result.comparisons().begin(), result.comparisons().end(), [](const v1::Comparison& c) {
        // What was recorded beside was planned by nobody.
        return catalog::IsAskedFor(c.metric()) &&
               (c.verdict() == v1::VERDICT_UNDECIDED || c.verdict() == v1::VERDICT_UNSPECIFIED);
      });
  return undecided ? kExitUndecided : kExitDone;
}

int ReportFindings(Client& client, const std::string& name, const Invocation& invocation,
                   bool strict, int ended_by) {
  const auto job = client.GetJob(name);
  if (!job.ok()) {
    return ReportError(job.status());
  }
  const auto result = client.GetJobResult(name);
  if (!result.ok()) {
    return ReportError(result.status());
  }
  const std::string text = invocation.json
                               ? ToText(ResultToJson(*job, *result))
                               : RenderResult(*job, *result) + DatasetHint(*job, *result);
  std::fputs(text.c_str(), stdout);
  if (ended_by != 0) {
    return ended_by;
  }
  const int code = ExitCodeOf(*job);
  return code == kExitDone && strict ? StrictExitCode(*result) : code;
}

}  // namespace cusp::client
