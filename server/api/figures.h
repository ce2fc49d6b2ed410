// Gathers what /metrics, /readyz and the diagnosis look at.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/api/call_log.h"
#include "server/api/live_board.h"
#include "server/api/metrics_text.h"
#include "server/store/store.h"

namespace cusp::server {

// Everything but the uptime.
absl::StatusOr<ServiceFigures> ReadFigures(Store& store, const LiveBoard& board,
                                           const CallLog& calls);

// Whether more work can be taken: a write that commits within two seconds, and room on
// the disk. UNAVAILABLE or RESOURCE_EXHAUSTED with the reason. Waits for the commit.
absl::Status CheckReady(Store& store);

}  // namespace cusp::server
