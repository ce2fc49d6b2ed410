#include "server/api/worker_view.h"

#include <optional>

#include "server/api/translate.h"

namespace cusp::server {

v1::Worker ViewOf(const ListedWorker& listed, const LiveBoard& board) {
  v1::Worker out = ToProto(listed.worker);
  out.set_current_sweep(listed.sweep);
  *out.mutable_last_sync_time() = ToTimestamp(listed.register_time_us);
  out.set_state(v1::Worker::STATE_LOST);
  const std::optional<LiveBoard::Seen> seen = board.Find(listed.worker.name);
  if (!seen.has_value()) {
    return out;
  }
  *out.mutable_last_sync_time() = ToTimestamp(seen->wall_us);
  out.set_draining(out.draining() || seen->draining);
  out.set_not_ready(seen->not_ready);
  if (seen->is_alive) {
    out.set_state(out.draining()         ? v1::Worker::STATE_DRAINING
                  : listed.sweep.empty() ? v1::Worker::STATE_IDLE
                                         : v1::Worker::STATE_BUSY);
  }
  return out;
}

}  // namespace cusp::server
