#include "client/cli/commands.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "client/cli/admin.h"
#include "client/cli/analyze.h"
#include "client/cli/cancel.h"
#include "client/cli/completion.h"
#include "client/cli/exit_code.h"
#include "client/cli/export.h"
#include "client/cli/history.h"
#include "client/cli/hold.h"
#include "client/cli/import.h"
#include "client/cli/list.h"
#include "client/cli/login.h"
#include "client/cli/models.h"
#include "client/cli/priority.h"
#include "client/cli/recommend.h"
#include "client/cli/release.h"
#include "client/cli/results.h"
#include "client/cli/retry.h"
#include "client/cli/run.h"
#include "client/cli/show.h"
#include "client/cli/sql.h"
#include "client/cli/submit.h"
#include "client/cli/watch.h"
#include "client/cli/workers.h"
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

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

int PrintHelp(const CLI::App& app, const std::string& command) {
  if (command.empty()) {
    // app.help() would delegate to the command that is being run.
    std::cout << app.get_formatter()->make_help(&app, "cusp", CLI::AppFormatMode::Normal);
    return kExitDone;
  }
  for (const CLI::App* known : Commands(app)) {
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

// The mistyped command, which CLI11 reports as a missing one.
std::string UnknownCommand(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  return rest.empty() || rest.front().front() == '-' ? "" : rest.front();
}

std::string MessageFor(const CLI::App& app, const CLI::ParseError& error) {
  const std::string unknown = UnknownCommand(app);
  if (!app.get_subcommands().empty() || unknown.empty()) {
    return error.what();
  }
  std::vector<std::string_view> names;
  for (const CLI::App* known : Commands(app)) {
    names.push_back(known->get_name());
  }
  const std::string nearest = catalog::NearestOf(unknown, names);
  return "no command `" + unknown + "`" +
         (nearest.empty() ? "" : "; did you mean `" + nearest + "`?");
}

// A full disk or a closed output must not look like success to a script.
int AfterWriting(int exit_code) {
  std::cout.flush();
  if (std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return exit_code;
  }
  std::fputs("cusp: standard output could not be written in full\n", stderr);
  return exit_code == kExitDone ? kExitUnexpected : exit_code;
}

}  // namespace

int RunCommandLine(CLI::App& app, Invocation& invocation, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version are errors of code 0 to CLI11.
    if (error.get_exit_code() == 0) {
      return AfterWriting(app.exit(error));
    }
    const auto chosen = app.get_subcommands();
    const std::string help =
        chosen.empty() ? "cusp help" : "cusp help " + chosen.front()->get_name();
    return ReportBadInput(
        absl::InvalidArgumentError(MessageFor(app, error) + " (`" + help + "` explains)"));
  }
  return AfterWriting(invocation.action());
}

void AddCommands(CLI::App& app, Invocation& invocation) {
  app.name("cusp");
  app.description("Measures from which input length on one Transformer beats another.");
  app.set_version_flag("--version", std::string("cusp ") + kVersion);
  app.require_subcommand(1);
  // Lets the common flags stand after the command too; subcommands inherit it.
  app.fallthrough();
  AddCommonFlags(app, invocation);
  AddRun(app, invocation);
  AddSubmit(app, invocation);
  AddList(app, invocation);
  AddShow(app, invocation);
  AddWatch(app, invocation);
  AddCancel(app, invocation);
  AddHold(app, invocation);
  AddRelease(app, invocation);
  AddRetry(app, invocation);
  AddPriority(app, invocation);
  AddResults(app, invocation);
  AddHistory(app, invocation);
  AddSql(app, invocation);
  AddRecommend(app, invocation);
  AddModels(app, invocation);
  AddAnalyze(app, invocation);
  AddWorkers(app, invocation);
  AddLogin(app, invocation);
  AddExport(app, invocation);
  AddImport(app, invocation);
  AddAdmin(app, invocation);
  AddCompletion(app, invocation);
  AddHelp(app, invocation);
}

}  // namespace cusp::client
