// Entry of `cusp`.
#include <CLI/CLI.hpp>

#include "client/cli/commands.h"
#include "client/cli/invocation.h"

int main(int argc, char** argv) {
  cusp::client::Invocation invocation;
  CLI::App app;
  cusp::client::AddCommands(app, invocation);
  return cusp::client::RunCommandLine(app, invocation, argc, argv);
}
