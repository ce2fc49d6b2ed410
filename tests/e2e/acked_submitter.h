// Somebody who submits without pause and remembers what was acknowledged.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cusp/v1/job_service.grpc.pb.h"

namespace cusp::e2e {

// Submits jobs that no worker serves, one after another, on a thread of its own. One
// that is not answered is sent again under the same request id, however long the
// coordinator is away.
class AckedSubmitter {
 public:
  explicit AckedSubmitter(const std::string& server);
  ~AckedSubmitter() { Stop(); }
  AckedSubmitter(const AckedSubmitter&) = delete;
  AckedSubmitter& operator=(const AckedSubmitter&) = delete;

  // Ends after the answer of the submission that runs; there must be a coordinator.
  void Stop();

  // Ids of jobs, in the order of their acknowledgement. After Stop().
  const std::vector<std::string>& acknowledged() const { return acknowledged_; }
  // Answers other than "unavailable", which no fault explains. After Stop().
  const std::vector<std::string>& refusals() const { return refusals_; }

 private:
  void Loop();

  std::unique_ptr<v1::JobService::Stub> stub_;
  std::atomic<bool> stopping_{false};
  std::vector<std::string> acknowledged_;  // of the thread until Stop()
  std::vector<std::string> refusals_;
  std::thread thread_;
};

// One sweep for `device`, of BERT against Longformer.
v1::JobSpec SmallSpec(const std::string& device);

}  // namespace cusp::e2e
