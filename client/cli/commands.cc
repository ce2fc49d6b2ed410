#include "client/cli/commands.h"

#include <iostream>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/models.h"
#include "common/version.h"

namespace cusp::client {
namespace {

void AddCommonFlags(CLI::App& app, Invocation& invocation) {
  app.add_flag("--json", invocation.json, "Print data as JSON");
  app.add_flag("-q,--quiet", invocation.quiet, "No progress and no messages but errors");
  app.add_option("--server", invocation.server, "Coordinator: unix:PATH or HOST:PORT")
      ->type_name("ADDR");
  app.add_option("--token-file", invocation.token_file, "File with the access token, mode 0600")
      ->type_name("FILE");
  app.add_option("--ca", invocation.ca_file, "Certificates that sign the coordinator's, PEM")
      ->type_name("FILE");
  app.add_option("--cert", invocation.cert_file, "Own certificate, PEM")->type_name("FILE");
  app.add_option("--key", invocation.key_file, "Key of --cert, PEM, mode 0600")->type_name("FILE");
  app.add_option("--state", invocation.state, "Folder of the private coordinator")
      ->type_name("DIR");
}

int PrintHelp(const CLI::App& app, const std::string& command) {
  if (command.empty()) {
    // app.help() would delegate to the command that is being run.
    std::cout << app.get_formatter()->make_help(&app, "cusp", CLI::AppFormatMode::Normal);
    return kExitDone;
  }
  for (const CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (known->get_name() == command) {
      std::cout << known->help("cusp");
      return kExitDone;
    }
  }
  return ReportBadInput(
      absl::NotFoundError("no command `" + command + "`; `cusp help` lists them"));
}

void AddHelp(CLI::App& app, Invocation& invocation) {
  CLI::App* help = app.add_subcommand("help", "Explain a command");
  auto command = std::make_shared<std::string>();
  help->add_option("command", *command, "Its name")->type_name("CMD");
  help->callback([&app, &invocation, command] {
    invocation.action = [&app, command] { return PrintHelp(app, *command); };
  });
}

}  // namespace

void AddCommands(CLI::App& app, Invocation& invocation) {
  app.name("cusp");
  app.description("Measures from which input length on one Transformer beats another.");
  app.set_version_flag("--version", std::string("cusp ") + kVersion);
  app.require_subcommand(1);
  // Lets the common flags stand after the command too; subcommands inherit it.
  app.fallthrough();
  AddCommonFlags(app, invocation);
  AddModels(app, invocation);
  AddHelp(app, invocation);
}

}  // namespace cusp::client
