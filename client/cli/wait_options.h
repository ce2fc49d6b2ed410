// Flags and behaviour that watch and submit --wait share.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "client/cli/interrupt.h"
#include "client/cli/invocation.h"
#include "client/lib/client.h"

namespace cusp::client {

struct WaitOptions {
  std::chrono::milliseconds timeout{0};  // 0: none
  bool strict = false;
};

// Adds --timeout T; `timeout` outlives the command.
void AddTimeoutOption(CLI::App& command, std::chrono::milliseconds& timeout,
                      const std::string& description);

// Adds --timeout T and --strict.
void AddWaitOptions(CLI::App& command, WaitOptions& options);

// Follows the job to its end and prints its findings. A timeout or a signal
// ends only the waiting, and a note says that the job goes on.
int WaitAndReport(Client& client, const std::string& name, const Invocation& invocation,
                  const WaitOptions& options, const Interrupt& interrupt);

}  // namespace cusp::client
