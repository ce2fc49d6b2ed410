// Entry of `cusp`.
#include <CLI/CLI.hpp>

#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/invocation.h"

int main(int argc, char** argv) {
  cusp::client::Invocation invocation;
  CLI::App app;
  cusp::client::AddCommands(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 has codes of its own for each kind of mistake; ours has one.
    return app.exit(error) == 0 ? cusp::client::kExitDone : cusp::client::kExitUsage;
  }
  return invocation.action();
}
