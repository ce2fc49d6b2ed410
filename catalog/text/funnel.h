// How Funnel shortens a sequence, and in what pieces it attends.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace cusp::catalog {

// Queries that meet all keys at once. Their distances to the keys are as many as both
// together, so one piece of all n would score 2 n distances for each of them.
inline constexpr int64_t kFunnelQueries = 256;

// Tokens left of `length` after one pooling; as many where none is left to pool.
int64_t FunnelPooled(const nlohmann::json& config, int64_t length);

}  // namespace cusp::catalog
