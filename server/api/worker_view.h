// A worker as calls see it: what is stored and what it said last.
#pragma once

#include "cusp/v1/worker.pb.h"
#include "server/api/live_board.h"
#include "server/store/workers.h"

namespace cusp::server {

v1::Worker ViewOf(const ListedWorker& listed, const LiveBoard& board);

}  // namespace cusp::server
