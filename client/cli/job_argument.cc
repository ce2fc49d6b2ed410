#include "client/cli/job_argument.h"

#include "common/status_macros.h"

namespace cusp::client {

std::shared_ptr<std::string> AddJobArgument(CLI::App& command) {
  auto id = std::make_shared<std::string>();
  command.add_option("id", *id, "Its id, or the beginning of it")->required()->type_name("ID");
  return id;
}

absl::StatusOr<JobTarget> OpenJob(const Invocation& invocation, const std::string& id) {
  CUSP_ASSIGN_OR_RETURN(const std::string name, JobName(id));
  JobTarget target;
  CUSP_ASSIGN_OR_RETURN(target.session, Session::Open(invocation, Need::kAny));
  CUSP_ASSIGN_OR_RETURN(target.job, target.session->client().GetJob(name));
  return target;
}

}  // namespace cusp::client
