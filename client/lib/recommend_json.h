// What `recommend` found, as scripts read it.
#pragma once

#include <nlohmann/json.hpp>

#include "client/lib/recommend.h"

namespace cusp::client {

// {"unit": …, "recommendations": [{metric, mode, dtype, batch_size, measured_batch_size,
// batching, range, shorter_share, longer_share, costs, best, choices, by_choice, saving}]}.
// Lengths are in the unit, those of choices the ones that are padded to; costs are of one
// input, in the metric's unit, of throughput seconds. null stands for out of memory, and for
// a best that there is not.
nlohmann::ordered_json ToJson(const Recommendations& recommendations, analysis::Batching batching);

// "none", "bucketed", "longest".
std::string ToText(analysis::Batching batching);

}  // namespace cusp::client
