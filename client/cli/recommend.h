// `cusp recommend`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Says which variant of a job the user's own lengths call for. Registers the command.
void AddRecommend(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
