// `cusp models`: what can be profiled.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"

namespace cusp::client {

// Registers the command. `invocation` must outlive `app`.
void AddModels(CLI::App& app, Invocation& invocation);

// Every model, as a table or as JSON.
std::string AllModelsText();
std::string AllModelsJson();

// One model or named size with its keys. NOT_FOUND, with the nearest name.
absl::StatusOr<std::string> OneModelText(const std::string& name);
absl::StatusOr<std::string> OneModelJson(const std::string& name);

}  // namespace cusp::client
