// Public datasets, and where they lie against tipping points, as scripts read them.
#pragma once

#include <nlohmann/json.hpp>

#include "client/lib/datasets.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::client {

// {name, unit, what, counted_in, source, derivation} and of the published statistics those
// that there are: fixed, mean, median, quantiles [{share, length}]. Lengths are in the unit.
nlohmann::ordered_json ToJson(const Dataset& dataset);

// {"datasets": […]} of all.
nlohmann::ordered_json DatasetsToJson();

// [{name, share_beyond, low, high}] of the datasets in `unit`: which share of the inputs is
// longer than the tipping point, and than both ends of its interval. Empty where the
// candidate does not turn cheaper for good.
nlohmann::ordered_json SharesBeyond(const v1::Comparison& comparison, v1::LengthUnit unit);

}  // namespace cusp::client
