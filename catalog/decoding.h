// How decoding is measured at a context, that is, a cache filled with so many tokens.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cusp::catalog {

// Every step lengthens the context by a token. Steps are therefore taken from so many
// tokens before it to so many after: their mean is the cost at the context itself where
// costs are linear around it, and where steps differ from token to token (a chunk
// closes, a pooled layer runs) it is the mean of these.
constexpr int64_t DecodeReach(int64_t context) { return std::min<int64_t>(16, context / 4); }

// Tokens that the inputs for a context have: the last step's own is one more.
constexpr int64_t DecodeTokens(int64_t context) { return context + DecodeReach(context) + 1; }

}  // namespace cusp::catalog
