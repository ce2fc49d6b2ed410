// What follows from Reformer's configuration: chunks, buckets, positions, costs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "catalog/cost.h"

namespace cusp::catalog {

// Whether some layer is of this kind, "lsh" or "local".
bool ReformerHas(const nlohmann::json& config, const char* kind);

// Inputs are padded to it: the least common multiple of the chunk lengths. Beyond
// kMostReformerPadding, that and one more.
inline constexpr int64_t kMostReformerPadding = int64_t{1} << 20U;
int64_t ReformerQuantum(const nlohmann::json& config);

// Tokens to which an input of `length` is padded: inputs no longer than the shortest
// chunk are one chunk, and are not padded.
int64_t ReformerTokens(const nlohmann::json& config, int64_t length);

// Numbers of buckets of each factor, for an input of `tokens` (padded): those of
// num_buckets, and where that is null as transformers chooses them. A token's bucket is
// one of their product.
std::vector<int64_t> ReformerBuckets(const nlohmann::json& config, int64_t tokens);

// Rows and columns of the grid of positions: as square as can be, unless set.
std::vector<int64_t> ReformerGrid(const nlohmann::json& config);
// Features of a row and of a column.
std::vector<int64_t> ReformerGridSizes(const nlohmann::json& config);

double ReformerParameters(const nlohmann::json& config);
// Training computes each layer again on the way back, but for the hashes.
void ReformerCost(const nlohmann::json& config, const Workload& work, CostTally& tally);

}  // namespace cusp::catalog
