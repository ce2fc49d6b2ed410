// What a cascade's rankers leave, for its costs and its computation alike.
#pragma once

#include <cstdint>

namespace cusp::catalog {

// Of `candidates` that remain, how many a ranker drops: whole ones, and never all.
int64_t CandidatesDropped(int64_t candidates, double drop_fraction);

}  // namespace cusp::catalog
