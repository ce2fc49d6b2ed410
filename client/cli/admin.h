// `cusp admin`: what needs a token of role admin.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAdmin(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
