#include "server/store/artifacts.h"

#include <set>

#include "common/status_macros.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

std::string HexOfBytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

// The first column of each row.
absl::StatusOr<std::vector<std::string>> ReadHashes(Query& query) {
  std::vector<std::string> hashes;
  while (query.Next()) {
    hashes.push_back(HexOfBytes(query.Bytes(0)));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return hashes;
}

absl::Status Delete(Transaction& tx, const std::string& sha256) {
  const std::string hash = BytesOfHex(sha256);
  CUSP_RETURN_IF_ERROR(Run(tx.db, "DELETE FROM artifacts WHERE sha256 = ?", Blob{hash}));
  return Audit(tx, "cuspd", "artifact_removed", std::nullopt, sha256);
}

}  // namespace

absl::StatusOr<std::optional<int64_t>> ArtifactSize(Database& db, const std::string& sha256) {
  const std::string hash = BytesOfHex(sha256);
  Query query(db, "SELECT size_bytes FROM artifacts WHERE sha256 = ?", Blob{hash});
  std::optional<int64_t> size;
  if (query.Next()) {
    size = query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return size;
}

absl::StatusOr<ArtifactAllowance> LoadAllowance(Transaction& tx, const std::string& user) {
  ArtifactAllowance allowance;
  CUSP_ASSIGN_OR_RETURN(allowance.user_id, EnsureUser(tx, user));
  Query query(tx.db,
              "SELECT max_artifact_bytes, (SELECT coalesce(sum(size_bytes), 0) FROM artifacts"
              " WHERE owner_id = ?1) FROM users WHERE id = ?1",
              allowance.user_id);
  if (query.Next()) {
    allowance.max_bytes = query.Int(0);
    allowance.used_bytes = query.Int(1);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return allowance;
}

absl::Status InsertArtifact(Transaction& tx, const std::string& user, const Artifact& artifact) {
  CUSP_ASSIGN_OR_RETURN(const int64_t user_id, EnsureUser(tx, user));
  const std::string hash = BytesOfHex(artifact.sha256);
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT OR IGNORE INTO artifacts (sha256, size_bytes, owner_id, create_time_us,"
          " use_time_us) VALUES (?1, ?2, ?3, ?4, ?4)",
          Blob{hash}, artifact.size_bytes, user_id, tx.now_us));
  if (tx.db.Changes() == 0) {
    return absl::OkStatus();
  }
  for (const std::string& part : artifact.parts) {
    CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> size, ArtifactSize(tx.db, part));
    if (!size.has_value() || part == artifact.sha256) {
      return absl::FailedPreconditionError("the part " + part +
                                           " is not there; upload the parts first");
    }
    const std::string part_hash = BytesOfHex(part);
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "INSERT OR IGNORE INTO artifact_parts (whole, part) VALUES (?, ?)",
                             Blob{hash}, Blob{part_hash}));
  }
  return Audit(tx, user, "artifact_uploaded", std::nullopt,
               artifact.sha256 + ", " + std::to_string(artifact.size_bytes) + " bytes");
}

absl::Status TouchArtifact(Transaction& tx, const std::string& sha256) {
  const std::string hash = BytesOfHex(sha256);
  return Run(tx.db,
             "UPDATE artifacts SET use_time_us = ?1 WHERE sha256 = ?2"
             " OR sha256 IN (SELECT part FROM artifact_parts WHERE whole = ?2)",
             tx.now_us, Blob{hash});
}

absl::Status LinkArtifacts(Transaction& tx, int64_t job_id,
                           const std::vector<std::string>& sha256s) {
  for (const std::string& sha256 : sha256s) {
    const std::string hash = BytesOfHex(sha256);
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "INSERT OR IGNORE INTO job_artifacts (job_id, sha256)"
                             " SELECT ?1, sha256 FROM artifacts WHERE sha256 = ?2",
                             job_id, Blob{hash}));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListArtifacts(Database& db) {
  Query query(db, "SELECT sha256 FROM artifacts");
  return ReadHashes(query);
}

absl::StatusOr<std::vector<std::string>> ForgetArtifacts(Transaction& tx,
                                                         const std::vector<std::string>& missing) {
  std::set<std::string> forgotten;
  for (const std::string& sha256 : missing) {
    const std::string hash = BytesOfHex(sha256);
    // Parts have no parts.
    Query query(tx.db, "SELECT whole FROM artifact_parts WHERE part = ?", Blob{hash});
    CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> wholes, ReadHashes(query));
    for (const std::string& whole : wholes) {
      CUSP_RETURN_IF_ERROR(Delete(tx, whole));
      forgotten.insert(whole);
    }
    CUSP_RETURN_IF_ERROR(Delete(tx, sha256));
    forgotten.insert(sha256);
  }
  return std::vector<std::string>(forgotten.begin(), forgotten.end());
}

absl::StatusOr<std::vector<std::string>> RemoveUnusedArtifacts(Transaction& tx, int64_t since_us,
                                                               int limit) {
  Query query(tx.db,
              "SELECT a.sha256 FROM artifacts a WHERE a.use_time_us < ?1"
              " AND NOT EXISTS (SELECT 1 FROM artifact_parts p WHERE p.part = a.sha256)"
              " AND NOT EXISTS (SELECT 1 FROM job_artifacts n JOIN jobs j ON j.id = n.job_id"
              " WHERE n.sha256 = a.sha256 AND (j.end_time_us IS NULL OR j.end_time_us >= ?1))"
              " LIMIT ?2",
              since_us, limit);
  CUSP_ASSIGN_OR_RETURN(std::vector<std::string> removed, ReadHashes(query));
  for (const std::string& sha256 : removed) {
    CUSP_RETURN_IF_ERROR(Delete(tx, sha256));
  }
  return removed;
}

}  // namespace cusp::server
