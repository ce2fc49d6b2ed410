// The environment of a runner.
#pragma once

#include <string>
#include <vector>

namespace cusp::worker {

// Those of these "NAME=value" entries that a runner needs: paths, locale, what steers
// threads, allocators, CUDA, LibTorch and sanitizers, and Cusp's own. Everything else,
// such as a cloud's keys, stays with the worker: names are let through, not kept out.
std::vector<std::string> RunnerEnvironment(const char* const* environment);

}  // namespace cusp::worker
