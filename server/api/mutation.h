// What every mutation does with its request_id.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "server/store/requests.h"
#include "server/store/writer.h"

namespace cusp::server {

// Identity of a mutation: the method is part of the payload, so that an id
// cannot be shared by two of them.
template <typename Request>
RequestKey KeyOf(const std::string& user, const Request& request) {
  Request payload = request;
  payload.clear_request_id();
  return {user, request.request_id(),
          Sha256Hex(std::string(Request::descriptor()->name()) + payload.SerializeAsString())};
}

// What `change` answers, kept, or what it answered to the same request before: then
// it is not called. Within the caller's transaction. ALREADY_EXISTS where the id was
// used for another request; otherwise the errors of `change`.
template <typename Response, typename Change>
absl::StatusOr<Response> AnswerOnce(Transaction& tx, const RequestKey& key, Change&& change) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<std::string> answered, FindAnswer(tx, key));
  Response response;
  if (answered.has_value()) {
    if (!response.ParseFromString(*answered)) {
      return absl::DataLossError("a stored answer cannot be read");
    }
    return response;
  }
  CUSP_RETURN_IF_ERROR(change(response));
  CUSP_RETURN_IF_ERROR(RecordAnswer(tx, key, response.SerializeAsString()));
  return response;
}

}  // namespace cusp::server
