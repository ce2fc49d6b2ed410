// Users, answered requests, and the audit log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// A mutation's identity: who asked, under which id, for what.
struct RequestKey {
  std::string user;
  std::string request_id;      // a UUID, already validated
  std::string payload_sha256;  // of the request without its id
};

// Bytes of a UUID or of a hash in hex: half the size in a key, and one form for
// upper and lower case.
std::string BytesOfHex(std::string_view text);

// Id of the user, made on first use.
absl::StatusOr<int64_t> EnsureUser(Transaction& tx, const std::string& name);

// The first answer to this request, or nothing where it is new. ALREADY_EXISTS
// where the id was used for another payload.
absl::StatusOr<std::optional<std::string>> FindAnswer(Transaction& tx, const RequestKey& key);

// Keeps the answer.
absl::Status RecordAnswer(Transaction& tx, const RequestKey& key, std::string_view answer);

// One line of the audit log. Never secrets.
absl::Status Audit(Transaction& tx, std::string_view actor, std::string_view action,
                   std::optional<int64_t> job_id, std::string_view detail);

}  // namespace cusp::server
