// From measured costs and the lengths of a user's inputs to a choice of model.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/batching.h"
#include "analysis/recommend.h"
#include "client/lib/cost_csv.h"

namespace cusp::client {

struct RecommendRequest {
  std::vector<analysis::LengthCount> inputs;  // as ParseLengthHistogram gives them
  analysis::Batching batching = analysis::Batching::kNone;
  std::optional<int64_t> batch_size = std::nullopt;  // of kLongest; nothing: as measured
  std::vector<double> bucket_ends = {};              // of kBucketed; empty: doubling
  // How variants pad, by name, in place of what the table says of it: the table tells what
  // its own lengths show, and inputs have others. Of mode decode none count.
  std::map<std::string, analysis::Padding> paddings = {};
};

// What one group of costs (metric, mode, number type, batch size) recommends.
struct GroupRecommendation {
  CostGroup group;
  std::vector<std::string> variants;  // as numbered in `found`
  int64_t range_min = 0;              // the shortest length at which all were measured
  int64_t range_max = 0;              // the longest, but for what runs out of memory
  double shorter = 0;                 // share of the inputs below, taken at range_min
  double longer = 0;                  // share beyond, left out
  int64_t measured_batch_size = 1;
  int64_t batch_size = 1;                      // that inputs run in
  std::vector<analysis::LengthCount> lengths;  // that are run, and their shares
  analysis::Recommendation found;              // costs of one input
};

struct Recommendations {
  std::vector<GroupRecommendation> groups;  // in order of the table
  std::vector<std::string> warnings;        // which groups were left out, and why
  v1::LengthUnit unit = v1::LENGTH_UNIT_UNSPECIFIED;
};

// For each group whose costs add up over inputs: latency, time to the first token,
// throughput (as time), energy, FLOPs. Peak memory does not. Beyond the longest length that
// fitted, a variant that ran out of memory counts as out of it. INVALID_ARGUMENT, naming
// `file`: no such group, or no input as short as what was measured.
absl::StatusOr<Recommendations> RecommendFrom(CostTable table, const std::string& file,
                                              const RecommendRequest& request);

}  // namespace cusp::client
