#include "server/store/requests.h"

#include "common/status_macros.h"

namespace cusp::server {
namespace {

int Nibble(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
}

}  // namespace

std::string BytesOfHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') {
      digits.push_back(c);
    }
  }
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(Nibble(digits[i]) * 16 + Nibble(digits[i + 1])));
  }
  return bytes;
}

absl::StatusOr<int64_t> EnsureUser(Transaction& tx, const std::string& name) {
  Query query(tx.db, "SELECT id FROM users WHERE name = ?", name);
  if (query.Next()) {
    return query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "INSERT INTO users (name, create_time_us) VALUES (?, ?)", name, tx.now_us));
  return tx.db.LastInsertId();
}

absl::StatusOr<std::optional<std::string>> FindAnswer(Transaction& tx, const RequestKey& key) {
  const std::string id = BytesOfHex(key.request_id);
  Query query(tx.db,
              "SELECT payload_sha256, response FROM requests"
              " WHERE user_id = (SELECT id FROM users WHERE name = ?) AND request_id = ?",
              key.user, Blob{id});
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return std::optional<std::string>();
  }
  if (query.Bytes(0) != BytesOfHex(key.payload_sha256)) {
    return absl::AlreadyExistsError("request_id " + key.request_id +
                                    " was used for another request; use a fresh UUID");
  }
  return std::optional<std::string>(query.Text(1));
}

absl::Status RecordAnswer(Transaction& tx, const RequestKey& key, std::string_view answer) {
  CUSP_ASSIGN_OR_RETURN(const int64_t user_id, EnsureUser(tx, key.user));
  const std::string id = BytesOfHex(key.request_id);
  const std::string hash = BytesOfHex(key.payload_sha256);
  return Run(tx.db,
             "INSERT INTO requests (user_id, request_id, payload_sha256, response, create_time_us)"
             " VALUES (?, ?, ?, ?, ?)",
             user_id, Blob{id}, Blob{hash}, Blob{answer}, tx.now_us);
}

absl::Status Audit(Transaction& tx, std::string_view actor, std::string_view action,
                   std::optional<int64_t> job_id, std::string_view detail) {
  return Run(tx.db,
             "INSERT INTO audit (time_us, actor, action, job_id, detail) VALUES (?, ?, ?, ?, ?)",
             tx.now_us, actor, action, job_id, detail);
}

}  // namespace cusp::server
