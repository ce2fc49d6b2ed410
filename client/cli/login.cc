#include "client/cli/login.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "client/cli/exit_code.h"
#include "client/cli/secret_prompt.h"
#include "client/lib/admin_client.h"
#include "client/lib/admin_json.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"
#include "client/lib/login.h"
#include "client/lib/settings.h"
#include "common/secret_file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// The flags' server and files, else those that are configured.
absl::StatusOr<ChannelOptions> TargetOf(const Invocation& invocation,
                                        const Environment& environment) {
  Settings flags;
  flags.channel.server = invocation.server;
  flags.channel.ca_file = invocation.ca_file;
  flags.channel.cert_file = invocation.cert_file;
  flags.channel.key_file = invocation.key_file;
  CUSP_ASSIGN_OR_RETURN(Settings settings, ResolveSettings(flags, environment));
  if (settings.channel.server.empty()) {
    return absl::InvalidArgumentError("name the coordinator: cusp login --server HOST:PORT");
  }
  return std::move(settings.channel);
}

// Never from the command line, which other users of the machine can see.
absl::StatusOr<std::string> TokenFor(const std::string& server, const std::string& token_file) {
  if (!token_file.empty()) {
    absl::StatusOr<std::string> token = ReadSecretFile(token_file);
    return token.ok() ? token
                      : absl::Status(token.status().code(),
                                     "--token-file: " + std::string(token.status().message()));
  }
  // The private socket takes whoever may open it.
  return server.rfind("unix:", 0) == 0 ? std::string() : ReadSecretLine("Token: ");
}

// Asks the coordinator who the caller is.
absl::StatusOr<v1::GetCallerResponse> Try(const ChannelOptions& options) {
  CUSP_ASSIGN_OR_RETURN(auto channel, OpenChannel(options));
  Client::Options client_options;
  client_options.server = options.server;
  Client client(std::move(channel), std::move(client_options));
  return AdminClient(client).GetCaller();
}

void Print(const Invocation& invocation, const std::string& server,
           const v1::GetCallerResponse& caller) {
  if (invocation.json) {
    const nlohmann::ordered_json json = {
        {"server", server}, {"user", caller.user()}, {"role", ToText(caller.role())}};
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::printf("logged in to %s as %s (%s)\n", server.c_str(), caller.user().c_str(),
                ToText(caller.role()).c_str());
  }
}

int RunLogin(const Invocation& invocation) {
  const Environment environment = ProcessEnvironment();
  const auto target = TargetOf(invocation, environment);
  if (!target.ok()) {
    return ReportBadInput(target.status());
  }
  const auto token = TokenFor(target->server, invocation.token_file);
  if (!token.ok()) {
    return ReportBadInput(token.status());
  }
  auto login = PendingLogin::Begin(*target, *token, environment);
  if (!login.ok()) {
    return ReportBadInput(login.status());
  }
  const auto caller = Try(login->channel());
  if (!caller.ok()) {
    return ReportError(caller.status());
  }
  if (const absl::Status kept = login->Keep(); !kept.ok()) {
    return ReportBadInput(kept);
  }
  Print(invocation, target->server, *caller);
  return kExitDone;
}

int RunLogout(const Invocation& invocation) {
  const auto removed = RemoveLogin(ProcessEnvironment());
  if (!removed.ok()) {
    return ReportBadInput(removed.status());
  }
  if (!invocation.quiet) {
    std::fputs(*removed
                   ? "cusp: logged out; the token stays valid until it is revoked (`cusp admin "
                     "token revoke`) or expires\n"
                   : "cusp: nobody was logged in\n",
               stderr);
  }
  return kExitDone;
}

}  // namespace

void AddLogin(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "login",
      "Keep a coordinator and a token for later calls; the token comes from --token-file, or is "
      "asked for, or read from standard input");
  auto logout = std::make_shared<bool>(false);
  command->add_flag("--logout", *logout, "Forget them again");
  command->callback([&invocation, logout] {
    invocation.action = [&invocation, logout] {
      return *logout ? RunLogout(invocation) : RunLogin(invocation);
    };
  });
}

}  // namespace cusp::client
