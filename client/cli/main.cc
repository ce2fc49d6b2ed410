// Entry of `cusp`.
#include <grpc/support/log.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "client/cli/commands.h"
#include "client/cli/invocation.h"
#include "common/core_dumps.h"

int main(int argc, char** argv) {
  cusp::ForbidCoreDumps();
  // An unreachable server is one clear line; gRPC's own words are for who asks.
  if (std::getenv("GRPC_VERBOSITY") == nullptr && std::getenv("GRPC_TRACE") == nullptr) {
    gpr_set_log_function([](gpr_log_func_args*) {});
  }
  cusp::client::Invocation invocation;
  CLI::App app;
  cusp::client::AddCommands(app, invocation);
  return cusp::client::RunCommandLine(app, invocation, argc, argv);
}
