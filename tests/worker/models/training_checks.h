// What tests of training look at.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace cusp::models {

// Where dropout on the CPU goes on from.
void SeedDropout(uint64_t seed);

// Of what `work` allocates, what is still there after it: its result, and what the way back
// needs.
int64_t HeldBytes(const std::function<at::Tensor()>& work);

}  // namespace cusp::models
