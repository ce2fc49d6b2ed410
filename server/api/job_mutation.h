// What all changes of a job that is there have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "cusp/v1/job.pb.h"
#include "server/auth/authenticator.h"
#include "server/queue/ownership.h"
#include "server/store/requests.h"
#include "server/store/writer.h"

namespace cusp::server {

// Who may do what as this caller. Whoever can open a private socket owns the data
// behind it, and the first start's token is the administrator's.
Actor ActorOf(const Caller& caller);

// Identity of a mutation: the method is part of the payload, so that an id
// cannot be shared by two of them.
template <typename Request>
RequestKey KeyOf(const std::string& user, const Request& request) {
  Request payload = request;
  payload.clear_request_id();
  return {user, request.request_id(),
          Sha256Hex(std::string(Request::descriptor()->name()) + payload.SerializeAsString())};
}

// Runs `apply`, once for each key: where the key was answered, the first answer.
// DATA_LOSS where that cannot be read.
template <typename Response>
absl::StatusOr<Response> AnswerOnce(
    Transaction& tx, const RequestKey& key,
    const std::function<absl::StatusOr<Response>(Transaction&)>& apply) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<std::string> answered, FindAnswer(tx, key));
  if (answered.has_value()) {
    Response response;
    if (!response.ParseFromString(*answered)) {
      return absl::DataLossError("a stored answer cannot be read");
    }
    return response;
  }
  CUSP_ASSIGN_OR_RETURN(Response response, apply(tx));
  CUSP_RETURN_IF_ERROR(RecordAnswer(tx, key, response.SerializeAsString()));
  return response;
}

// Changes the job of that row id.
using JobChange = std::function<absl::Status(Transaction&, int64_t, const Actor&)>;

// Changes the job whose id is or begins with `id`, and answers it as it is then,
// without what only memory knows.
absl::StatusOr<v1::Job> ChangeJob(Transaction& tx, const std::string& id, const Actor& actor,
                                  const JobChange& change);

}  // namespace cusp::server
