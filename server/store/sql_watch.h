// When a user's statement has to end.
#pragma once

#include "common/clock.h"

namespace cusp::server {

class SqlSink;

// Asked by whatever a statement's work passes through, on the thread that runs it.
struct SqlWatch {
  const Clock& clock;
  Clock::Monotonic deadline;
  SqlSink& sink;

  // Whether the deadline has passed or nobody listens any more.
  bool IsOver() const;
};

}  // namespace cusp::server
