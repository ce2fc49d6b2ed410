// `cusp history`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

// Shows tipping points over jobs, devices and dates. Registers the command.
void AddHistory(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
