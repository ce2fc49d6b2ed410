#include "client/cli/admin_user.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/cli/text_table.h"
#include "client/lib/admin_client.h"
#include "client/lib/admin_json.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

struct SetOptions {
  v1::User user;
  std::vector<std::string> paths;  // what was given
};

std::string Cap(int64_t value) { return value == 0 ? "none" : FormatCount(value); }

std::string BytesCap(int64_t value) {
  return value == 0 ? "none" : FormatBytes(static_cast<double>(value));
}

void PrintTable(const std::vector<v1::User>& users) {
  using Align = TextTable::Align;
  TextTable table({{"name"},
                   {"created"},
                   {"weight", Align::kRight},
                   {"max queued", Align::kRight},
                   {"max running", Align::kRight},
                   {"artifacts", Align::kRight},
                   {"max artifacts", Align::kRight}});
  for (const v1::User& user : users) {
    char weight[32];
    std::snprintf(weight, sizeof(weight), "%g", user.share_weight());
    table.AddRow({Printable(user.name()), FormatTime(user.create_time()), weight,
                  Cap(user.max_queued()), Cap(user.max_running()),
                  FormatBytes(static_cast<double>(user.artifact_bytes())),
                  BytesCap(user.max_artifact_bytes())});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

int RunList(const Invocation& invocation) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto users = AdminClient((*session)->client()).ListUsers();
  if (!users.ok()) {
    return ReportError(users.status());
  }
  if (invocation.json) {
    nlohmann::ordered_json json = {{"users", nlohmann::ordered_json::array()}};
    for (const v1::User& user : *users) {
      json["users"].push_back(UserToJson(user));
    }
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!users->empty()) {
    PrintTable(*users);
  } else if (!invocation.quiet) {
    std::fputs("cusp: no users\n", stderr);
  }
  return kExitDone;
}

int RunSet(const Invocation& invocation, const SetOptions& options) {
  if (options.paths.empty()) {
    return ReportBadInput(absl::InvalidArgumentError(
        "nothing to set: give --weight, --max-queued, --max-running or --max-artifacts"));
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto user = AdminClient((*session)->client()).UpdateUser(options.user, options.paths);
  if (!user.ok()) {
    return ReportError(user.status());
  }
  if (invocation.json) {
    std::fputs(ToText(UserToJson(*user)).c_str(), stdout);
  } else if (!invocation.quiet) {
    PrintTable({*user});
  }
  return kExitDone;
}

void AddSet(CLI::App& users, Invocation& invocation) {
  CLI::App* command = users.add_subcommand("set", "Change a user's share and caps");
  auto options = std::make_shared<SetOptions>();
  command
      ->add_option_function<std::string>(
          "name", [options](const std::string& name) { options->user.set_name(name); }, "The user")
      ->required()
      ->type_name("NAME");
  command
      ->add_option_function<double>(
          "--weight",
          [options](const double& weight) {
            options->user.set_share_weight(weight);
            options->paths.emplace_back("share_weight");
          },
          "Share of the workers' time, relative to others' (default 1)")
      ->type_name("W");
  command
      ->add_option_function<int64_t>(
          "--max-queued",
          [options](const int64_t& cap) {
            options->user.set_max_queued(cap);
            options->paths.emplace_back("max_queued");
          },
          "Jobs that may wait at once; 0: no cap")
      ->type_name("N");
  command
      ->add_option_function<int64_t>(
          "--max-running",
          [options](const int64_t& cap) {
            options->user.set_max_running(cap);
            options->paths.emplace_back("max_running");
          },
          "Sweeps that may run at once; 0: no cap")
      ->type_name("N");
  command
      ->add_option_function<int64_t>(
          "--max-artifacts",
          [options](const int64_t& cap) {
            options->user.set_max_artifact_bytes(cap);
            options->paths.emplace_back("max_artifact_bytes");
          },
          "Bytes of weights that may be stored at once, such as 500GiB; 0: no cap")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("SIZE");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunSet(invocation, *options); };
  });
}

}  // namespace

void AddAdminUser(CLI::App& admin, Invocation& invocation) {
  CLI::App* user = admin.add_subcommand("user", "Show users, and set their shares and caps");
  user->require_subcommand(1);
  CLI::App* list = user->add_subcommand("list", "Show who has tokens or jobs");
  list->callback(
      [&invocation] { invocation.action = [&invocation] { return RunList(invocation); }; });
  AddSet(*user, invocation);
}

}  // namespace cusp::client
