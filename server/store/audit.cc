#include "server/store/audit.h"

#include "common/status_macros.h"

namespace cusp::server {

absl::StatusOr<std::vector<AuditEvent>> ListAuditEvents(Database& db, const AuditFilter& filter) {
  Query query(db,
              "SELECT a.id, a.time_us, a.actor, a.action, j.public_id, a.detail"
              " FROM audit a LEFT JOIN jobs j ON j.id = a.job_id"
              " WHERE a.id < ?1 AND a.time_us >= ?2 AND (?3 = '' OR a.actor = ?3)"
              " AND (?4 = '' OR a.action = ?4) AND (?5 IS NULL OR a.job_id = ?5)"
              " ORDER BY a.id DESC LIMIT ?6",
              filter.before_id, filter.since_us, filter.actor, filter.action, filter.job_id,
              filter.limit);
  std::vector<AuditEvent> events;
  while (query.Next()) {
    events.push_back({.id = query.Int(0),
                      .time_us = query.Int(1),
                      .actor = query.Text(2),
                      .action = query.Text(3),
                      .job = query.IsNull(4) ? "" : query.Text(4),
                      .detail = query.Text(5)});
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return events;
}

}  // namespace cusp::server
