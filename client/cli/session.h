// The connection that a command works with.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"
#include "client/lib/client.h"
#include "client/lib/connection.h"
#include "client/lib/private_service.h"
#include "common/channel.h"

namespace cusp::client {

// What a command needs of a coordinator.
enum class Need {
  kAny,      // the configured one, or a private one for the call
  kServing,  // the configured one, or a private one that already serves
  kPrivate,  // a private one, whatever is configured
};

// A client, and the private coordinator behind it, if it is one; that is
// stopped with the session where the session started it. Main thread only.
class Session {
 public:
  // INVALID_ARGUMENT for faults of flags and configuration, PERMISSION_DENIED
  // for secrets that others may read, INTERNAL where no private coordinator
  // can be started. A configured coordinator is not contacted yet.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Invocation& invocation, Need need);

  Client& client() { return *client_; }

  // For services that Client does not have.
  Connection connection() { return {channel_, *client_}; }

  // nullptr with a configured coordinator.
  PrivateService* service() { return service_.get(); }

 private:
  Session() = default;
  absl::Status OpenPrivate(const std::string& state, Need need);
  absl::Status OpenChannelTo(const ChannelOptions& options);

  std::unique_ptr<PrivateService> service_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Client> client_;
};

}  // namespace cusp::client
