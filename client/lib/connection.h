// What a call to a coordinator needs that Client does not make.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "client/lib/client.h"

namespace cusp::client {

// Lives as long as its session.
struct Connection {
  std::shared_ptr<grpc::ChannelInterface> channel;
  const Client& client;  // explains errors
};

}  // namespace cusp::client
