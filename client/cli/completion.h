// `cusp completion`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "client/cli/invocation.h"

namespace cusp::client {

// Code that completes the commands and flags of `app` in "bash", "zsh" or
// "fish".
std::string CompletionFor(const CLI::App& app, const std::string& shell);

// Prints it. Registers the command.
void AddCompletion(CLI::App& app, Invocation& invocation);

}  // namespace cusp::client
