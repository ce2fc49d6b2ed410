// What `recommend` found, as people read it.
#pragma once

#include <string>

#include "client/lib/recommend.h"

namespace cusp::client {

// For each group a title, a table of the expected cost of one input, the choice by
// length with what it saves, and notes on inputs outside the measured range. Pure.
std::string RenderRecommendations(const Recommendations& recommendations,
                                  analysis::Batching batching);

}  // namespace cusp::client
