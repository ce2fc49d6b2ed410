// Follows one job, across lost connections.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/lib/client.h"

namespace cusp::client {

// True for the states that never change again.
bool HasEnded(const v1::Job& job);

// A stream of WatchJob that is opened again whenever it breaks, so its owner
// sees every state that lasts. Owns no thread: all happens inside Next(). Not
// thread-safe; outlives neither the client nor its channel.
class JobWatch {
 public:
  enum class Event {
    kTick,     // nothing happened in time
    kJob,      // job() is new; the watch has ended when HasEnded(job())
    kLost,     // the connection broke; it is tried again
    kRefused,  // status() says why there is nothing to watch
  };

  // `name` is a whole "jobs/{id}".
  JobWatch(Client& client, std::string name,
           std::chrono::milliseconds reconnect_pause = std::chrono::seconds(1));
  // Cancels what is under way.
  ~JobWatch();
  JobWatch(const JobWatch&) = delete;
  JobWatch& operator=(const JobWatch&) = delete;

  // Waits for the next event, at most `tick`.
  Event Next(std::chrono::milliseconds tick);

  // The newest snapshot.
  const v1::Job& job() const { return job_; }
  const absl::Status& status() const { return status_; }

 private:
  // What the completion queue is waiting for; there is one at a time.
  enum class Step { kPausing, kStarting, kReading, kFinishing };

  void Start();
  Event Advance(bool ok);

  Client& client_;
  const std::string name_;
  const std::chrono::milliseconds reconnect_pause_;
  grpc::CompletionQueue queue_;
  grpc::Alarm alarm_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncReaderInterface<v1::WatchJobResponse>> reader_;
  Step step_ = Step::kStarting;
  v1::WatchJobResponse response_;
  grpc::Status finish_;
  v1::Job job_;
  absl::Status status_;
};

}  // namespace cusp::client
