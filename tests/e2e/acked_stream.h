// A worker that only sends, and remembers what was acknowledged.
#pragma once

#include <grpcpp/client_context.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp::e2e {

// Sends numbered blocks whose values follow from their numbers, a few ahead of their
// acknowledgement, on a thread of its own. When the stream breaks, it begins another one
// after the last acknowledged block, as cusp-worker does.
class AckedStream {
 public:
  // Submits a job for the device class `device`, which must have no other worker, and
  // takes its sweep. There must be a coordinator.
  AckedStream(const std::string& server, const std::string& device);
  ~AckedStream() { Stop(); }
  AckedStream(const AckedStream&) = delete;
  AckedStream& operator=(const AckedStream&) = delete;

  // Ends; what was not acknowledged stays so.
  void Stop();

  // After Stop(): the last block that was acknowledged, whose job it is, and answers that
  // no fault explains.
  int64_t acknowledged() const { return acknowledged_; }
  const std::string& job() const { return job_; }
  const std::vector<std::string>& refusals() const { return refusals_; }

  // Value of the sample of variant `variant` in block `number`.
  static double ValueOf(int64_t number, int variant) {
    return static_cast<double>(number) + 0.125 * variant;
  }
  static constexpr int kVariants = 2;

 private:
  bool Take(const std::string& server, const std::string& device);
  void Loop();
  void SendUntilBroken();
  void Renew();

  std::unique_ptr<v1::WorkerService::Stub> stub_;
  std::string worker_;
  std::string attempt_;
  std::string job_;
  std::atomic<bool> stopping_{false};
  int64_t acknowledged_ = 0;  // of the thread until Stop()
  std::vector<std::string> refusals_;
  std::thread thread_;
};

}  // namespace cusp::e2e
