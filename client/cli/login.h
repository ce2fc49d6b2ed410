// `cusp login`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddLogin(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
