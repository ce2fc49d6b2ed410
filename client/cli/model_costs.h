// What one pass of a model costs, by the catalog's formulas: a prediction to
// compare with, measured by nobody.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace cusp::client {

// Batch of 1, float32, plain attention.
struct ModelCost {
  int64_t length = 0;       // in base units: samples of audio
  double parameters = 0;    // positions for that length included
  double flops = 0;         // of one forward pass
  double step_flops = 0;    // of one training step, without the optimizer
  double decode_flops = 0;  // of one decoding step after `length` tokens; 0: it does not decode
  double bytes = 0;         // moved by the products of one forward pass
  double mixing_share = 0;  // of the FLOPs, in what mixes tokens
};

// At a few usual lengths, those left out that the model does not take: of the
// base preset, or of a named size (`named` may be nullptr).
std::vector<ModelCost> CostsAtUsualLengths(const catalog::Model& model,
                                           const catalog::NamedConfig* named);

// The same as a table with a line on what it shows; empty without costs.
std::string CostsText(const catalog::Model& model, const std::vector<ModelCost>& costs);

}  // namespace cusp::client
