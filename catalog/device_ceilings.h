// The ceilings of a device for one job.
#pragma once

#include <cstdint>
#include <optional>

#include "catalog/prediction.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::catalog {

// Those of `threads` CPU threads: between two numbers of threads that were measured
// each ceiling follows a power of their number, beyond them it stays. Nothing where
// the number type was not measured, or a ceiling is not positive.
std::optional<Ceilings> CeilingsFor(const v1::DeviceSpeed& speed, int32_t threads, v1::DType dtype);

}  // namespace cusp::catalog
