#include "client/cli/session.h"

#include <string>
#include <utility>

#include "client/lib/settings.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// A token or certificate that is missing or cannot be read is the user's input,
// not something that a coordinator didn't find or allow.
absl::Status AsInputFault(const absl::Status& status) {
  if (status.ok()) {
    return status;
  }
  return absl::InvalidArgumentError(std::string(status.message()));
}

Settings FlagsOf(const Invocation& invocation) {
  return {.channel = {.server = invocation.server,
                      .token_file = invocation.token_file,
                      .ca_file = invocation.ca_file,
                      .cert_file = invocation.cert_file,
                      .key_file = invocation.key_file},
          .state = invocation.state};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Invocation& invocation, Need need) {
  const Environment environment = ProcessEnvironment();
  const Settings flags = FlagsOf(invocation);
  const absl::StatusOr<Settings> settings = need == Need::kPrivate
                                                ? ResolvePrivateSettings(flags, environment)
                                                : ResolveSettings(flags, environment);
  CUSP_RETURN_IF_ERROR(AsInputFault(settings.status()));
  std::unique_ptr<Session> session(new Session());
  if (settings->channel.server.empty()) {
    CUSP_RETURN_IF_ERROR(session->OpenPrivate(settings->state, need));
  } else {
    CUSP_RETURN_IF_ERROR(AsInputFault(session->OpenChannelTo(settings->channel)));
  }
  return session;
}

absl::Status Session::OpenPrivate(const std::string& state, Need need) {
  CUSP_ASSIGN_OR_RETURN(const std::string socket,
                        SocketPath(state, ProcessEnvironment()("XDG_RUNTIME_DIR")));
  CUSP_ASSIGN_OR_RETURN(const std::string folder, ExecutableDirectory());
  service_ = std::make_unique<PrivateService>(
      PrivateService::Options{.state = state, .socket = socket, .binary_dir = folder});
  if (need != Need::kServing) {
    const absl::Status status = service_->EnsureServing();
    if (!status.ok() && !absl::IsInternal(status)) {
      return absl::InvalidArgumentError(std::string(status.message()) +
                                        "; give another folder with --state");
    }
    CUSP_RETURN_IF_ERROR(status);
  } else if (!service_->IsServing()) {
    return absl::InvalidArgumentError(
        "no coordinator is configured: give --server ADDR, set CUSP_SERVER, or measure on this "
        "machine with `cusp run`");
  }
  ChannelOptions options;
  options.server = service_->address();
  return OpenChannelTo(options);
}

absl::Status Session::OpenChannelTo(const ChannelOptions& options) {
  CUSP_ASSIGN_OR_RETURN(channel_, OpenChannel(options));
  Client::Options client_options;
  client_options.server = options.server;
  if (service_ != nullptr) {
    client_options.revive = [service = service_.get()] { return service->EnsureServing(); };
  }
  client_ = std::make_unique<Client>(channel_, std::move(client_options));
  return absl::OkStatus();
}

}  // namespace cusp::client
