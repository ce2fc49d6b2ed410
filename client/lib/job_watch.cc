#include "client/lib/job_watch.h"

#include <utility>

#include "common/grpc_status.h"

namespace cusp::client {

bool HasEnded(const v1::Job& job) {
  return job.state() == v1::Job::STATE_SUCCEEDED || job.state() == v1::Job::STATE_FAILED ||
         job.state() == v1::Job::STATE_CANCELLED;
}

JobWatch::JobWatch(Client& client, std::string name, std::chrono::milliseconds reconnect_pause)
    : client_(client), name_(std::move(name)), reconnect_pause_(reconnect_pause) {
  Start();
}

JobWatch::~JobWatch() {
  if (context_ != nullptr) {
    context_->TryCancel();
  }
  alarm_.Cancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

void JobWatch::Start() {
  v1::WatchJobRequest request;
  request.set_name(name_);
  // A reader lives in memory of its context's call, so it goes first.
  reader_.reset();
  context_ = std::make_unique<grpc::ClientContext>();
  reader_ = client_.jobs().PrepareAsyncWatchJob(context_.get(), request, &queue_);
  step_ = Step::kStarting;
  reader_->StartCall(this);
}

JobWatch::Event JobWatch::Next(std::chrono::milliseconds tick) {
  const auto deadline = std::chrono::system_clock::now() + tick;
  while (true) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) {
      return Event::kTick;
    }
    if (const Event event = Advance(ok); event != Event::kTick) {
      return event;
    }
  }
}

// kTick: nothing that an owner needs to know.
JobWatch::Event JobWatch::Advance(bool ok) {
  switch (step_) {
    case Step::kPausing:
      Start();
      return Event::kTick;
    case Step::kStarting:
    case Step::kReading:
      if (step_ == Step::kReading && ok) {
        job_ = std::move(*response_.mutable_job());
        reader_->Read(&response_, this);
        return Event::kJob;
      }
      if (ok) {
        step_ = Step::kReading;
        reader_->Read(&response_, this);
      } else {
        step_ = Step::kFinishing;
        reader_->Finish(&finish_, this);
      }
      return Event::kTick;
    case Step::kFinishing:
      break;
  }
  status_ = FromGrpc(finish_);
  // Only these may pass by themselves. A stream that ends well before the job
  // does comes from a coordinator that is being stopped.
  if (!status_.ok() && !absl::IsUnavailable(status_) && !absl::IsCancelled(status_)) {
    return Event::kRefused;
  }
  step_ = Step::kPausing;
  alarm_.Set(&queue_, std::chrono::system_clock::now() + reconnect_pause_, this);
  return Event::kLost;
}

}  // namespace cusp::client
