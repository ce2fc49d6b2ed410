// Fails jobs whose deadline passed.
#pragma once

#include "common/clock.h"
#include "server/store/store.h"

namespace cusp::server {

// Looks into the database each time, so that a restart forgets no deadline.
// Thread-safe.
class DeadlineKeeper {
 public:
  DeadlineKeeper(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Fails what is overdue, a hundred jobs at most. To be called several times a
  // second; after an error the next call tries again.
  void Tick();

 private:
  Store& store_;
  const Clock& clock_;
};

}  // namespace cusp::server
