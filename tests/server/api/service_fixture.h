// A whole coordinator in this process, with a clock that the test owns.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "common/grpc_status.h"
#include "common/ids.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "server/api/coordinator.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {

// BERT against Longformer in one sweep.
v1::JobSpec SmallSpec();
// Provenance as the worker "w" has it.
v1::Provenance SomeProvenance();
// A block with one latency sample for each variant of SmallSpec().
v1::Block SomeBlock(int64_t number);
// A result with one usable cost.
v1::SweepResult SomeResult();

using SampleStream = grpc::ClientReaderWriter<v1::StreamSamplesRequest, v1::StreamSamplesResponse>;

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() { Start(); }
  ~ServiceTest() override { StopTicking(); }

  void Start();
  // Closes everything and opens the same folder again.
  void Restart();
  // Calls Tick() on a thread of its own, for calls that wait.
  void KeepTicking();
  void StopTicking();

  absl::StatusOr<v1::Job> Submit(const v1::SubmitJobRequest& request);
  // Submits SmallSpec() for `device` and returns the job's name.
  std::string SubmitSmall(const std::string& device = "auto", int priority = 0);
  absl::StatusOr<v1::Job> Get(const std::string& name);
  absl::StatusOr<v1::Job> Cancel(const std::string& name, const std::string& request_id);

  absl::StatusOr<v1::Job> Hold(const std::string& name, const std::string& request_id = NewUuid());
  absl::StatusOr<v1::Job> Release(const std::string& name);
  absl::StatusOr<v1::Job> Retry(const std::string& name, const std::string& request_id = NewUuid());
  absl::StatusOr<v1::Job> SetPriority(const std::string& name, int priority);
  // Reads the job's stream to its end, for changes that come by themselves.
  v1::Job WatchToTheEnd(const std::string& name);

  // Registers a CPU worker on host "h".
  absl::Status Register(const std::string& id, const std::string& request_id = NewUuid());
  // Syncs as one that holds `attempt`, or nothing. Idle syncs wait: queue first,
  // or advance the clock.
  absl::StatusOr<v1::SyncWorkerResponse> Sync(const std::string& id,
                                              const std::string& attempt = "");
  // Registers and syncs, and returns the name of the attempt that it got.
  std::string Lease(const std::string& id);
  // Sends the message on a stream of its own.
  absl::StatusOr<int64_t> Send(const v1::StreamSamplesRequest& request);
  absl::StatusOr<int64_t> SendBlock(const std::string& attempt, int64_t number);
  absl::Status Finish(const std::string& attempt, v1::FinishAttemptRequest::Outcome outcome);
  absl::StatusOr<v1::ListBlocksResponse> Blocks(const std::string& sweep, int page_size = 0,
                                                const std::string& token = "");

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
  std::unique_ptr<v1::ResultService::Stub> results_;

 private:
  std::atomic<bool> ticking_{false};
  std::thread ticker_;
};

}  // namespace cusp::server
