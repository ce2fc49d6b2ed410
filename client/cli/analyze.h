// `cusp analyze`.
#pragma once

#include <CLI/CLI.hpp>

#include "client/cli/invocation.h"

namespace cusp::client {

void AddAnalyze(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
