#include "client/cli/admin_token.h"

#include <unistd.h>

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
#include "common/clock.h"
#include "common/secret_file.h"

namespace cusp::client {
namespace {

struct CreateOptions {
  std::string user;
  std::string role;
  std::string expires;
  std::string output;
};

int64_t NowSeconds() { return SystemClock().WallMicros() / 1'000'000; }

// The new file of --output: there, empty, before a token is made, so that none is lost for
// want of a place; and gone again unless it gets its secret.
class SecretOutput {
 public:
  explicit SecretOutput(const std::string& path) : path_(path) {}
  SecretOutput(const SecretOutput&) = delete;
  SecretOutput& operator=(const SecretOutput&) = delete;
  ~SecretOutput() {
    if (is_made_) {
      unlink(path_.c_str());
    }
  }

  absl::Status Make() {
    const absl::Status status = CreateSecretFile(path_, "");
    is_made_ = status.ok();
    if (absl::IsAlreadyExists(status)) {
      return absl::AlreadyExistsError("--output " + std::string(status.message()) +
                                      "; give another name, or remove it first");
    }
    return is_made_ ? status
                    : absl::Status(status.code(), "--output " + std::string(status.message()));
  }

  absl::Status Fill(const std::string& secret) {
    const absl::Status status = ReplaceSecretFile(path_, secret + "\n");
    is_made_ = !status.ok();
    return status;
  }

 private:
  const std::string& path_;
  bool is_made_ = false;
};

// The secret, once: into the file that was named, else onto standard output, where it
// stands alone, for a pipe.
int PrintNew(const Invocation& invocation, const CreateOptions& options, SecretOutput& output,
             const v1::CreateTokenResponse& created) {
  if (!options.output.empty()) {
    const absl::Status written = output.Fill(created.secret());
    if (!written.ok()) {
      return ReportBadInput(absl::Status(
          written.code(), std::string(written.message()) + "; token " +
                              TokenId(created.token().name()) +
                              " was made and its secret is lost: revoke it and make another one"));
    }
  }
  if (invocation.json) {
    auto json = TokenToJson(created.token(), NowSeconds());
    if (options.output.empty()) {
      json["token"] = created.secret();
    }
    std::fputs(ToText(json).c_str(), stdout);
    return kExitDone;
  }
  if (!invocation.quiet) {
    std::fprintf(stderr, "cusp: token %s of %s, role %s, expires %s; it is shown this once\n",
                 TokenId(created.token().name()).c_str(), created.token().user().c_str(),
                 ToText(created.token().role()).c_str(),
                 created.token().has_expire_time()
                     ? FormatTime(created.token().expire_time()).c_str()
                     : "never");
  }
  if (options.output.empty()) {
    std::printf("%s\n", created.secret().c_str());
  }
  return kExitDone;
}

int RunCreate(const Invocation& invocation, const CreateOptions& options) {
  int64_t lifetime = 0;
  if (!options.expires.empty()) {
    const auto parsed = ParseLifetime(options.expires);
    if (!parsed.ok()) {
      return ReportBadInput(parsed.status());
    }
    lifetime = parsed->count();
  }
  SecretOutput output(options.output);
  if (!options.output.empty()) {
    if (const absl::Status made = output.Make(); !made.ok()) {
      return ReportBadInput(made);
    }
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto created = AdminClient((*session)->client())
                           .CreateToken(options.user, RoleFromText(options.role), lifetime);
  if (!created.ok()) {
    return ReportError(created.status());
  }
  if (created->secret().empty()) {
    return ReportError(absl::AbortedError(
        "token " + TokenId(created->token().name()) +
        " was made, but its secret was lost with a connection: revoke it and make another one"));
  }
  return PrintNew(invocation, options, output, *created);
}

int RunList(const Invocation& invocation) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto tokens = AdminClient((*session)->client()).ListTokens();
  if (!tokens.ok()) {
    return ReportError(tokens.status());
  }
  const int64_t now = NowSeconds();
  if (invocation.json) {
    nlohmann::ordered_json json = {{"tokens", nlohmann::ordered_json::array()}};
    for (const v1::Token& token : *tokens) {
      json["tokens"].push_back(TokenToJson(token, now));
    }
    std::fputs(ToText(json).c_str(), stdout);
    return kExitDone;
  }
  TextTable table({{"id"}, {"user"}, {"role"}, {"state"}, {"created"}, {"expires"}, {"last used"}});
  for (const v1::Token& token : *tokens) {
    table.AddRow({TokenId(token.name()), Printable(token.user()), ToText(token.role()),
                  TokenState(token, now), FormatTime(token.create_time()),
                  token.has_expire_time() ? FormatTime(token.expire_time()) : "never",
                  FormatAgo(token.last_use_time(), now)});
  }
  if (!table.empty()) {
    std::fputs(table.ToString().c_str(), stdout);
  } else if (!invocation.quiet) {
    std::fputs("cusp: no tokens\n", stderr);
  }
  return kExitDone;
}

int RunRevoke(const Invocation& invocation, const std::string& id) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto token = AdminClient((*session)->client()).RevokeToken("tokens/" + TokenId(id));
  if (!token.ok()) {
    return ReportError(token.status());
  }
  if (invocation.json) {
    std::fputs(ToText(TokenToJson(*token, NowSeconds())).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::printf("token %s of %s revoked\n", TokenId(token->name()).c_str(),
                Printable(token->user()).c_str());
  }
  return kExitDone;
}

void AddCreate(CLI::App& token, Invocation& invocation) {
  CLI::App* command = token.add_subcommand("create", "Make a token and show it, this once");
  auto options = std::make_shared<CreateOptions>();
  command->add_option("--user", options->user, "Whose it is; made where new")
      ->required()
      ->type_name("NAME");
  command->add_option("--role", options->role, "reader, submitter, worker or admin")
      ->required()
      ->check(CLI::IsMember({"reader", "submitter", "worker", "admin"}))
      ->type_name("ROLE");
  command->add_option("--expires", options->expires, "Time until it expires, such as 90d or 12h")
      ->type_name("TIME");
  command->add_option("--output", options->output, "Write it to this new file, mode 0600")
      ->type_name("FILE");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunCreate(invocation, *options); };
  });
}

}  // namespace

void AddAdminToken(CLI::App& admin, Invocation& invocation) {
  CLI::App* token = admin.add_subcommand("token", "Make, show and revoke tokens");
  token->require_subcommand(1);
  AddCreate(*token, invocation);
  CLI::App* list = token->add_subcommand("list", "Show tokens, without their secrets");
  list->callback(
      [&invocation] { invocation.action = [&invocation] { return RunList(invocation); }; });
  CLI::App* revoke = token->add_subcommand("revoke", "Make a token invalid at once");
  auto id = std::make_shared<std::string>();
  revoke->add_option("id", *id, "Its number in `cusp admin token list`")
      ->required()
      ->type_name("ID");
  revoke->callback([&invocation, id] {
    invocation.action = [&invocation, id] { return RunRevoke(invocation, *id); };
  });
}

}  // namespace cusp::client
