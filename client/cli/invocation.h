// What one call of `cusp` was asked to do.
#pragma once

#include <functional>
#include <string>

namespace cusp::client {

// Filled while the command line is parsed; main owns it and then runs `action`.
// Each command file exposes `void AddX(CLI::App& app, Invocation& invocation)`:
// it registers a subcommand whose callback sets `action`. Not thread-safe.
struct Invocation {
  // Flags that every command takes, before or after its name.
  bool json = false;
  bool quiet = false;
  std::string server;
  std::string token_file;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string state;  // folder of the private coordinator

  // Does the work; returns the exit code (client/cli/exit_code.h).
  std::function<int()> action;
};

}  // namespace cusp::client
