// Artifacts in the database. Each function runs within the caller's transaction. Hashes
// are SHA-256 in lower-case hex, checked before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct Artifact {
  std::string sha256;
  int64_t size_bytes = 0;
  std::vector<std::string> parts;  // other artifacts
};

// Size of the artifact, or nothing where it is not there.
absl::StatusOr<std::optional<int64_t>> ArtifactSize(Database& db, const std::string& sha256);

// What a user, made on first use, has sent and may send, in bytes.
struct ArtifactAllowance {
  int64_t user_id = 0;
  int64_t used_bytes = 0;
  int64_t max_bytes = 0;  // 0: no cap
};
absl::StatusOr<ArtifactAllowance> LoadAllowance(Transaction& tx, const std::string& user);

// Makes an artifact known whose file is in its place. A no-op where it is known.
// FAILED_PRECONDITION where a part is not.
absl::Status InsertArtifact(Transaction& tx, const std::string& user, const Artifact& artifact);

// Counts as asked for now, with its parts.
absl::Status TouchArtifact(Transaction& tx, const std::string& sha256);

// Keeps those of the artifacts that are there as long as the job needs them.
absl::Status LinkArtifacts(Transaction& tx, int64_t job_id,
                           const std::vector<std::string>& sha256s);

// All that are known.
absl::StatusOr<std::vector<std::string>> ListArtifacts(Database& db);

// Makes artifacts unknown whose files are gone, and those of which they are parts: to
// be sent again. Answers all of them.
absl::StatusOr<std::vector<std::string>> ForgetArtifacts(Transaction& tx,
                                                         const std::vector<std::string>& missing);

// Removes up to `limit` artifacts that nobody has asked for since `since_us`, that no
// job needs or has needed since, and that are no part of another one. Answers which: their
// files may go once this is committed. A part is free at the next call.
absl::StatusOr<std::vector<std::string>> RemoveUnusedArtifacts(Transaction& tx, int64_t since_us,
                                                               int limit);

}  // namespace cusp::server
