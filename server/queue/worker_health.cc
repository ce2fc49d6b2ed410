#include "server/queue/worker_health.h"

namespace cusp::server {

int FailuresAfter(int failures, AttemptEnd end, const std::optional<Failure>& failure) {
  switch (end) {
    case AttemptEnd::kReleased:
      return failures;
    case AttemptEnd::kSucceeded:
      return 0;
    case AttemptEnd::kFailed:
      break;
  }
  const bool of_the_job = failure.has_value() && (failure->reason == kReasonInvalidConfig ||
                                                  failure->reason == kReasonOutOfMemory);
  return of_the_job ? failures : failures + 1;
}

}  // namespace cusp::server
