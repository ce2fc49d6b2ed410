// `cusp admin audit`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAdminAudit(CLI::App& admin, Invocation& invocation);

}  // namespace cusp::client
