// Public datasets as people read them.
#pragma once

#include <string>

#include "client/lib/datasets.h"

namespace cusp::client {

// Every dataset: what is published of it, what is derived from that, and the source. Pure.
std::string RenderDatasets();

// "inputs of imdb, log-normal through mean and 95th percentile: mean 300, …" and the source,
// with a newline. Pure.
std::string DatasetLine(const Dataset& dataset);

}  // namespace cusp::client
