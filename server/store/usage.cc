#include "server/store/usage.h"

#include "common/status_macros.h"
#include "server/queue/transitions.h"

namespace cusp::server {
absl::StatusOr<Share> LoadShare(Database& db, int64_t user_id) {
  Query query(
      db,
      "SELECT u.share_weight, u.max_running, coalesce(g.seconds, 0), coalesce(g.time_us, 0),"
      " coalesce(g.running, 0), coalesce(g.turns, 0) FROM users u"
      " LEFT JOIN usage g ON g.user_id = u.id WHERE u.id = ?",
      user_id);
  Share share;
  if (query.Next()) {
    share.weight = query.Real(0);
    share.max_running = query.Int(1);
    share.usage = {query.Real(2), query.Int(3), query.Int(4)};
    share.turns = query.Int(5);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return share;
}

absl::Status CheckMayQueue(Database& db, int64_t user_id) {
  Query query(db,
              "SELECT u.name, coalesce(g.queued, 0), u.max_queued FROM users u"
              " LEFT JOIN usage g ON g.user_id = u.id WHERE u.id = ?",
              user_id);
  if (!query.Next()) {
    return query.status();
  }
  return CheckQueuedCap(query.Text(0), query.Int(1), query.Int(2));
}

absl::Status CountRunning(Transaction& tx, int64_t user_id, int delta) {
  CUSP_ASSIGN_OR_RETURN(const Share share, LoadShare(tx.db, user_id));
  const Usage now = UsageAt(share.usage, tx.now_us);
  return Run(tx.db,
             "INSERT INTO usage (user_id, seconds, time_us, running) VALUES (?1, ?2, ?3, ?4)"
             " ON CONFLICT (user_id) DO UPDATE SET seconds = ?2, time_us = ?3, running = ?4",
             user_id, now.seconds, now.time_us, now.running + delta);
}

absl::Status CountQueued(Transaction& tx, int64_t user_id, int delta) {
  return Run(tx.db,
             "INSERT INTO usage (user_id, time_us, queued) VALUES (?1, ?2, ?3)"
             " ON CONFLICT (user_id) DO UPDATE SET queued = queued + ?3",
             user_id, tx.now_us, delta);
}

absl::Status RecordTurn(Transaction& tx, int64_t user_id, const std::string& device) {
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "INSERT INTO usage (user_id, time_us, turns) VALUES (?1, ?2, 1)"
                           " ON CONFLICT (user_id) DO UPDATE SET turns = turns + 1",
                           user_id, tx.now_us));
  return Run(tx.db,
             "INSERT INTO turns (user_id, device, time_us) VALUES (?1, ?2, ?3)"
             " ON CONFLICT (user_id, device) DO UPDATE SET time_us = ?3",
             user_id, device, tx.now_us);
}

absl::StatusOr<int64_t> LastTurn(Database& db, int64_t user_id, const std::string& device) {
  Query query(db, "SELECT time_us FROM turns WHERE user_id = ? AND device = ?", user_id, device);
  const int64_t time_us = query.Next() ? query.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(query.status());
  return time_us;
}

}  // namespace cusp::server
