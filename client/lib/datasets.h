// Public datasets of which statistics of length are published.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

struct LengthQuantile {
  double share = 0;   // of the inputs that are no longer than …
  double length = 0;  // … this
};

// What is published of one dataset; lengths are in `unit`, 0 is what is not published.
// Either `fixed`, or `quantiles` from share 0 to 1, or `high` and one of `mean` and
// `median`. docs/datasets.md has the same with links.
struct Dataset {
  std::string_view name;
  v1::LengthUnit unit = v1::LENGTH_UNIT_TOKENS;
  std::string_view what;
  std::string_view counted_in;  // tokens of which tokenizer, bytes, seconds …
  std::string_view source;      // paper and table, or file
  double fixed = 0;             // every input is padded, cut or cropped to it
  double mean = 0;              // beside `quantiles` a check alone
  double median = 0;
  LengthQuantile high = {};
  std::span<const LengthQuantile> quantiles = {};
};

// All of them, by unit, the shorter ones first. They live as long as the program.
std::span<const Dataset> Datasets();

// The dataset of this name, for a job with lengths in `unit`. INVALID_ARGUMENT, naming
// --dataset and the nearest name, where there is none or it has another unit.
absl::StatusOr<const Dataset*> FindDataset(std::string_view name, v1::LengthUnit unit);

}  // namespace cusp::client
