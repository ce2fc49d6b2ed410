// What administrators ask of a coordinator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/client.h"
#include "cusp/v1/admin_service.pb.h"

namespace cusp::client {

// Calls as Client makes them, with its deadlines, retries and statuses. Outlives no
// Client. Not thread-safe.
class AdminClient {
 public:
  explicit AdminClient(Client& client) : client_(client) {}

  // Who the coordinator takes the caller for.
  absl::StatusOr<v1::GetCallerResponse> GetCaller();

  // `lifetime_seconds` of 0: it never expires. The secret is empty where the first
  // answer was lost on its way, so that nobody knows it.
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(const std::string& user, v1::Token::Role role,
                                                      int64_t lifetime_seconds);
  absl::StatusOr<std::vector<v1::Token>> ListTokens();
  // `name` is "tokens/{id}".
  absl::StatusOr<v1::Token> RevokeToken(const std::string& name);

  absl::StatusOr<std::vector<v1::User>> ListUsers();
  // Sets the fields of `user` that `paths` names.
  absl::StatusOr<v1::User> UpdateUser(const v1::User& user, const std::vector<std::string>& paths);

  // The newest first; at most `limit`, or with 0 all of them, page after page.
  absl::StatusOr<std::vector<v1::AuditEvent>> ListAuditEvents(v1::ListAuditEventsRequest filters,
                                                              int64_t limit);

  // `worker` is "workers/{id}".
  absl::StatusOr<v1::Worker> DrainWorker(const std::string& worker);
  absl::StatusOr<v1::Worker> ResumeWorker(const std::string& worker);

 private:
  Client& client_;
};

}  // namespace cusp::client
