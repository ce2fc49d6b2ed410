// `cusp admin drain` and `cusp admin resume`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAdminWorker(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
