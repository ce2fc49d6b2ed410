// `cusp admin user`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAdminUser(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
