// How long the inputs of a public dataset are, as its published statistics determine it.
// Pure functions. Lengths are in base units: tokens, pixels, samples.
#pragma once

#include <string>
#include <vector>

#include "analysis/batching.h"
#include "client/lib/datasets.h"

namespace cusp::client {

// The length that `share` (above 0, below 1) of the inputs do not exceed: by the log-normal
// through the two published statistics, or, where many quantiles are, between these evenly
// in the logarithm of length. Of a fixed length that one.
double LengthAt(const Dataset& dataset, double share);

// The share of the inputs that are longer than `length`; the inverse of LengthAt.
double ShareBeyond(const Dataset& dataset, double length);

// 512 inputs, in the middles of as many equal shares, as whole base units: what
// ParseLengthHistogram reads from a file.
std::vector<analysis::LengthCount> HistogramOf(const Dataset& dataset);

// What LengthAt rests on: "log-normal through mean and 95th percentile", "log-uniform
// between the published quantiles", "one length".
std::string DerivationOf(const Dataset& dataset);

}  // namespace cusp::client
