// A job as people read it.
#pragma once

#include <cstdint>
#include <string>

#include "cusp/v1/job.pb.h"

namespace cusp::client {

// Several lines: state, why it waits or failed, times, and a row for each
// sweep. Times are told as ages at `now_seconds`. Pure.
std::string RenderJob(const v1::Job& job, int64_t now_seconds);

// "samples were pruned on 2026-11-28 20:31 UTC; …", of a job whose were. Pure.
std::string PrunedText(const v1::Job& job);

}  // namespace cusp::client
