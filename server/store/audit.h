// Reading the audit log, which Audit() in requests.h writes.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/sqlite.h"

namespace cusp::server {

struct AuditEvent {
  int64_t id = 0;
  int64_t time_us = 0;  // since 1970 UTC
  std::string actor;
  std::string action;
  std::string job;  // public id; empty: about none
  std::string detail;
};

// What is asked for; empty fields let everything through.
struct AuditFilter {
  std::string actor;
  std::string action;
  std::optional<int64_t> job_id;
  int64_t since_us = 0;
  int64_t before_id = std::numeric_limits<int64_t>::max();
  int limit = 100;
};

// The newest first.
absl::StatusOr<std::vector<AuditEvent>> ListAuditEvents(Database& db, const AuditFilter& filter);

}  // namespace cusp::server
