#include "worker/measure/memory_probe.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "catalog/decoding.h"
#include "worker/measure/outcome.h"

namespace cusp::measure {
namespace {

// Decoding: a cache is filled by so few tokens at once that the scores of filling it
// stay small beside the cache itself.
constexpr int64_t kFillTokens = 16;

using runner::v1::Request;
using runner::v1::Response;

}  // namespace

struct MemoryProbe::Probe {
  ProbeResult* result = nullptr;
  std::unique_ptr<RunnerConnection> connection;
  Response response;
};

MemoryProbe::MemoryProbe(const SweepSetup& setup, RunnerLauncher& launcher, SweepHost& host,
                         int at_once)
    : setup_(setup), launcher_(launcher), host_(host), at_once_(std::max(at_once, 1)) {}

runner::v1::StartRequest MemoryProbe::StartFor(size_t group_size) const {
  runner::v1::StartRequest start = setup_.start;
  start.set_purpose(runner::v1::StartRequest::PURPOSE_MEMORY);
  // Probes that run together share the limit, so that they never exhaust the
  // machine; one that fails under its share runs again alone, under all of it.
  start.set_memory_limit_bytes(start.memory_limit_bytes() / static_cast<int64_t>(group_size));
  return start;
}

void MemoryProbe::Advance(Probe& probe, Response::KindCase answer, Request next,
                          Clock::Duration timeout) {
  absl::Status& status = probe.result->status;
  if (!status.ok()) {
    return;
  }
  absl::StatusOr<Response> response = probe.connection->Receive(timeout);
  status = response.status();
  if (status.ok()) {
    status = CheckResponse(*response, answer);
  }
  if (status.ok()) {
    probe.response = *std::move(response);
    if (probe.response.has_run()) {
      const auto& results = probe.response.run().results();
      status = results.size() != 1 ? absl::DataLossError("the runner answered without a result")
               : results[0].has_failure() ? ToStatus(results[0].failure())
                                          : absl::OkStatus();
      probe.result->step_seconds =
          status.ok() ? static_cast<double>(results[0].duration_ns()) * 1e-9 : 0;
    }
  }
  if (status.ok() && next.kind_case() != Request::KIND_NOT_SET) {
    status = probe.connection->Send(std::move(next));
  }
}

void MemoryProbe::RunGroup(std::vector<ProbeResult*> results, Point point,
                           Clock::Duration timeout) {
  std::vector<Probe> probes(results.size());
  for (size_t i = 0; i < probes.size(); ++i) {
    probes[i].result = results[i];
    absl::Status& status = results[i]->status;
    auto connection = launcher_.Launch();
    status = connection.status();
    if (status.ok()) {
      probes[i].connection = *std::move(connection);
      Request request;
      *request.mutable_start() = StartFor(probes.size());
      status = probes[i].connection->Send(std::move(request));
    }
  }
  // All probes take each step together: the runners work side by side, while
  // this thread waits for one after the other.
  for (Probe& probe : probes) {
    Request request;
    *request.mutable_build() = setup_.builds[probe.result->variant];
    Advance(probe, Response::kStart, std::move(request), timeout);
    if (probe.result->status.ok()) {
      host_.Started(probe.response.start());
    }
  }
  for (Probe& probe : probes) {
    Request request;
    runner::v1::Step& step = *request.mutable_run()->add_steps();
    step.set_variant(static_cast<int32_t>(probe.result->variant));
    step.set_length(point.length);
    step.set_batch_size(point.batch_size);
    step.set_calls(1);
    if (setup_.target.mode == v1::MODE_DECODE) {
      step.set_reach(catalog::DecodeReach(point.length));
      step.set_fill_tokens(kFillTokens);
    }
    Advance(probe, Response::kBuild, std::move(request), timeout);
  }
  for (Probe& probe : probes) {
    Request request;
    request.mutable_memory();
    Advance(probe, Response::kRun, std::move(request), timeout);
  }
  for (Probe& probe : probes) {
    Advance(probe, Response::kMemory, Request(), timeout);
    if (probe.result->status.ok()) {
      probe.result->memory = probe.response.memory();
      if (probe.result->memory.peak_bytes() <= 0) {
        probe.result->status = absl::DataLossError("the runner found a peak of no memory");
      }
    }
  }
}

std::vector<ProbeResult> MemoryProbe::Run(const std::vector<size_t>& variants, int64_t length,
                                          int32_t batch_size, Patience patience) {
  const Point point{.length = length, .batch_size = batch_size};
  std::vector<ProbeResult> results;
  results.reserve(variants.size());
  for (const size_t variant : variants) {
    results.push_back(
        {.variant = variant, .memory = {}, .step_seconds = 0, .status = absl::OkStatus()});
  }
  const auto group = static_cast<size_t>(at_once_);
  for (size_t begin = 0; begin < results.size(); begin += group) {
    std::vector<ProbeResult*> members;
    for (size_t i = begin; i < std::min(begin + group, results.size()); ++i) {
      members.push_back(&results[i]);
    }
    if (host_.Stop() != StopRequest::kNow) {
      RunGroup(members, point, patience.timeout);
    }
    for (ProbeResult* member : members) {
      int tries = 1;
      const bool shared = members.size() > 1;
      while (host_.Stop() != StopRequest::kNow && tries < patience.tries &&
             (IsTransient(member->status) ||
              (shared && tries == 1 && absl::IsResourceExhausted(member->status)))) {
        RunGroup({member}, point, patience.timeout);
        ++tries;
      }
      if (host_.Stop() == StopRequest::kNow) {
        member->status = absl::CancelledError("stopped");
      }
    }
  }
  return results;
}

}  // namespace cusp::measure
