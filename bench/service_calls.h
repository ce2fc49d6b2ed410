// Calls to a cuspd that several benchmarks make alike.
#pragma once

#include <grpcpp/create_channel.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/channel.h"
#include "common/check.h"
#include "common/ids.h"
#include "cusp/v1/job_service.grpc.pb.h"

namespace cusp {

// A channel with a connection of its own, as another process would have. Over TLS it is
// the one of cusp and cusp-worker, whose files must be there.
inline std::shared_ptr<grpc::Channel> Connect(const ChannelOptions& caller) {
  if (!caller.ca_file.empty()) {
    auto channel = OpenChannel(caller);
    CUSP_CHECK(channel.ok());
    return *std::move(channel);
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(caller.server, grpc::InsecureChannelCredentials(), arguments);
}

// One baseline, "bert", and `candidates` others, "v1", "v2", …
inline v1::JobSpec SpecOf(int candidates, const std::string& device) {
  v1::JobSpec spec;
  spec.set_name("bench");
  spec.set_device(device);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(128);
  spec.add_baselines()->set_model("bert");
  for (int i = 1; i <= candidates; ++i) {
    v1::VariantSpec* variant = spec.add_candidates();
    variant->set_model("bert");
    variant->set_name("v" + std::to_string(i));
  }
  return spec;
}

// Sends it under a new request id; prints a refusal.
inline bool Submit(v1::JobService::Stub& stub, v1::SubmitJobRequest& request) {
  grpc::ClientContext context;
  request.set_request_id(NewUuid());
  v1::SubmitJobResponse response;
  const grpc::Status status = stub.SubmitJob(&context, request, &response);
  if (!status.ok()) {
    std::fprintf(stderr, "submit: %s\n", status.error_message().c_str());
  }
  return status.ok();
}

}  // namespace cusp
