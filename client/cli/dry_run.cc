#include "client/cli/dry_run.h"

#include <cstdio>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/expected_text.h"
#include "client/cli/spec_text.h"
#include "client/lib/forecast.h"
#include "client/lib/forecast_json.h"
#include "client/lib/job_json.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// The newest jobs, of which those that succeeded are learnt from.
constexpr int kJobsLooked = 20;

absl::StatusOr<FactorFit> FitTo(Client& client, const std::string& device_class) {
  FactorFit fit(device_class);
  CUSP_ASSIGN_OR_RETURN(const auto jobs,
                        client.ListJobs({.all_owners = true, .limit = kJobsLooked}));
  for (const v1::Job& listed : jobs) {
    if (listed.state() == v1::Job::STATE_SUCCEEDED) {
      CUSP_ASSIGN_OR_RETURN(const v1::Job job, client.GetJob(listed.name()));
      CUSP_ASSIGN_OR_RETURN(const v1::JobResult result, client.GetJobResult(listed.name()));
      fit.Add(job, result);
    }
  }
  return fit;
}

absl::StatusOr<Forecast> Predict(Client& client, const v1::JobSpec& spec) {
  CUSP_ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers, client.ListWorkers());
  const v1::Worker* worker = WorkerFor(spec, workers);
  if (worker == nullptr) {
    return absl::NotFoundError("no worker has the device `" + spec.device() + "`");
  }
  CUSP_ASSIGN_OR_RETURN(const FactorFit fit, FitTo(client, worker->device_class()));
  return ForecastJob(spec, *worker, fit);
}

}  // namespace

int PrintDryRun(const Invocation& invocation, const v1::JobSpec& spec, Client* client,
                const absl::Status& without) {
  const absl::StatusOr<Forecast> forecast =
      client != nullptr ? Predict(*client, spec) : absl::StatusOr<Forecast>(without);
  v1::Job job;
  *job.mutable_spec() = spec;
  const JobLengths lengths(job);
  if (invocation.json) {
    nlohmann::ordered_json json = SpecToJson(spec);
    json["prediction"] = forecast.ok() ? ForecastToJson(*forecast, lengths) : nullptr;
    if (!forecast.ok()) {
      json["no_prediction"] = std::string(forecast.status().message());
    }
    std::fputs(ToText(json).c_str(), stdout);
    return kExitDone;
  }
  std::fputs(RenderSpec(spec).c_str(), stdout);
  if (forecast.ok()) {
    std::fputs(("\n" + RenderForecast(*forecast, lengths.unit)).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::fprintf(stderr, "cusp: no prediction: %s\n",
                 std::string(forecast.status().message()).c_str());
  }
  return kExitDone;
}

}  // namespace cusp::client
