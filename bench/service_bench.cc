// Durable submits and sample ingest of a real cuspd beside raw SQLite on the same
// file system. Each slice of cuspd lies between two halves of a slice of raw
// SQLite, opened by the same code with the same durability; a round's ratio is
// taken within itself. Prints medians over the rounds and the ratios' spread.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/cuspd_process.h"
#include "bench/rates.h"
#include "bench/raw_sqlite.h"
#include "bench/service_calls.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp {
namespace {

constexpr int kWindow = 8;  // messages sent ahead of their acknowledgement

// Milliseconds of a call that cuspd refuses at first sight, each after a raw commit:
// what the way there and back costs on a connection that has been idle for as
// long. No service that commits once a call can do more per second than the sum
// of the two allows.
double EmptyCallMilliseconds(const ChannelOptions& caller, const std::function<bool()>& commit) {
  const auto stub = v1::JobService::NewStub(Connect(caller));
  std::vector<double> times;
  PerSecond([&] {
    if (!commit()) {
      return false;
    }
    grpc::ClientContext context;
    v1::CancelJobResponse response;
    const auto start = std::chrono::steady_clock::now();
    (void)stub->CancelJob(&context, {}, &response);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    times.push_back(time.count());
    return true;
  });
  return Quantile(times, 0.5);
}

double SubmitsPerSecond(const ChannelOptions& caller, int connections) {
  return Together(connections, [&](int) {
    const auto stub = v1::JobService::NewStub(Connect(caller));
    v1::SubmitJobRequest request;
    *request.mutable_spec() = SpecOf(1, "cuda");
    return PerSecond([&] { return Submit(*stub, request); });
  });
}

// A sweep leased to a worker of its own.
absl::StatusOr<v1::Assignment> LeaseSweep(const std::shared_ptr<grpc::Channel>& channel) {
  v1::SubmitJobRequest submission;
  *submission.mutable_spec() = SpecOf(kVariants - 1, "cpu");
  if (!Submit(*v1::JobService::NewStub(channel), submission)) {
    return absl::InternalError("submit failed");
  }
  const auto workers = v1::WorkerService::NewStub(channel);
  v1::RegisterWorkerRequest registration;
  registration.set_request_id(NewUuid());
  registration.mutable_worker()->set_name("workers/" + NewShortId());
  registration.mutable_worker()->set_device_class("bench");
  registration.mutable_worker()->set_device("cpu");
  v1::RegisterWorkerResponse registered;
  grpc::ClientContext first;
  grpc::ClientContext second;
  v1::SyncWorkerRequest sync;
  sync.set_worker(registration.worker().name());
  v1::SyncWorkerResponse response;
  if (!workers->RegisterWorker(&first, registration, &registered).ok() ||
      !workers->SyncWorker(&second, sync, &response).ok()) {
    return absl::InternalError("no sweep was leased");
  }
  return response.desired_state().assignment();
}

v1::StreamSamplesRequest MessageOf(const std::string& attempt) {
  v1::StreamSamplesRequest message;
  message.set_attempt(attempt);
  message.mutable_provenance()->set_device_class("bench");
  v1::Block* block = message.add_blocks();
  block->set_length(64);
  block->set_batch_size(1);
  for (int variant = 0; variant < kVariants; ++variant) {
    for (int metric = 0; metric < kMetrics; ++metric) {
      v1::Sample* sample = block->add_samples();
      sample->set_variant(variant == 0 ? "bert" : "v" + std::to_string(variant));
      sample->set_metric(metric == 0 ? v1::METRIC_LATENCY : v1::METRIC_PEAK_MEMORY);
      sample->set_value(0.25);
      sample->set_outcome(v1::OUTCOME_OK);
      sample->set_calls(3);
    }
  }
  return message;
}

double RowsPerSecond(const ChannelOptions& caller, int connections) {
  return Together(connections, [&](int) {
    const auto channel = Connect(caller);
    const auto assignment = LeaseSweep(channel);
    if (!assignment.ok()) {
      return 0.0;
    }
    const auto workers = v1::WorkerService::NewStub(channel);
    grpc::ClientContext context;
    const auto stream = workers->StreamSamples(&context);
    v1::StreamSamplesRequest message = MessageOf(assignment->attempt());
    v1::StreamSamplesResponse response;
    int64_t sent = 0;
    const auto start = std::chrono::steady_clock::now();
    PerSecond([&] {
      while (sent - response.acknowledged_sequence() < kWindow) {
        message.set_sequence(++sent);
        message.mutable_blocks(0)->set_block(assignment->last_block() + sent);
        if (!stream->Write(message)) {
          return false;
        }
        message.clear_provenance();
      }
      return stream->Read(&response);
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    context.TryCancel();
    // What is acknowledged counts, not what is under way at the end.
    return static_cast<double>(response.acknowledged_sequence()) * kRowsPerMessage /
           seconds.count();
  });
}

// What a service at one connection could reach, in the same round.
struct Ceiling {
  std::vector<double> call_ms;
  std::vector<double> percent;
};

// Rates of cuspd and of the raw SQLite around them, one of each a round.
struct Rates {
  std::vector<double> raw;
  std::vector<double> service;
};

void Measure(const std::function<bool()>& raw, const std::function<double()>& service,
             Rates& rates) {
  const double before = PerSecond(raw, kSlice / 2);
  rates.service.push_back(service());
  rates.raw.push_back((before + PerSecond(raw, kSlice / 2)) / 2);
}

void Print(const char* what, const std::map<int, Rates>& all, double raw_rows, const char* bounds) {
  std::printf("%s\n  connections  raw SQLite /s   cuspd /s   ratio   (quartiles)\n", what);
  for (const auto& [connections, rates] : all) {
    std::vector<double> ratios;
    for (size_t i = 0; i < rates.raw.size(); ++i) {
      ratios.push_back(100 * rates.service[i] / (raw_rows * rates.raw[i]));
    }
    std::printf("  %11d  %13.0f  %9.0f  %4.0f %%   (%.0f to %.0f %%)\n", connections,
                raw_rows * Quantile(rates.raw, 0.5), Quantile(rates.service, 0.5),
                Quantile(ratios, 0.5), Quantile(ratios, 0.25), Quantile(ratios, 0.75));
  }
  std::printf("  wanted: %s\n", bounds);
}

// Which part of the table to measure.
struct Plan {
  int rounds = 7;
  std::vector<int> connections = {1, 8, 32};
  std::string part = "all";

  bool Wants(const char* name) const { return part == "all" || part == name; }
};

absl::Status Bench(const std::string& folder, const Plan& plan) {
  CUSP_ASSIGN_OR_RETURN(CuspdProcess service, CuspdProcess::Start(folder));
  const ChannelOptions& caller = service.caller();
  CUSP_ASSIGN_OR_RETURN(RawSqlite raw, RawSqlite::Open(folder + "/raw.db"));
  const auto commit_job = [&] { return raw.CommitJob(); };
  const auto commit_samples = [&] { return raw.CommitSamples(); };
  std::map<int, Rates> submits;
  Ceiling ceiling;
  std::map<int, Rates> rows;
  for (int round = 0; round < plan.rounds; ++round) {
    for (const int connections : plan.connections) {
      if (plan.Wants("submits")) {
        Measure(
            commit_job, [&] { return SubmitsPerSecond(caller, connections); },
            submits[connections]);
      }
      if (plan.Wants("submits") && connections == 1) {
        const double call_ms = EmptyCallMilliseconds(caller, commit_job);
        const double commit_ms = 1000 / submits[1].raw.back();
        ceiling.call_ms.push_back(call_ms);
        ceiling.percent.push_back(100 * commit_ms / (commit_ms + call_ms));
      }
      if (plan.Wants("samples")) {
        Measure(
            commit_samples, [&] { return RowsPerSecond(caller, connections); }, rows[connections]);
      }
    }
  }
  std::printf("%u CPUs, %d rounds of %d ms a slice, medians; folder %s\n",
              std::thread::hardware_concurrency(), plan.rounds, static_cast<int>(kSlice.count()),
              folder.c_str());
  if (plan.Wants("submits")) {
    Print("durable submits, beside one-row commits", submits, 1,
          ">= 40 % at 1 connection, >= 70 % at 8 and 32");
    if (!ceiling.percent.empty()) {
      std::printf(
          "  an empty call takes %.2f ms: one commit a call, and nothing else, would give "
          "%.0f %%   (%.0f to %.0f %%)\n",
          Quantile(ceiling.call_ms, 0.5), Quantile(ceiling.percent, 0.5),
          Quantile(ceiling.percent, 0.25), Quantile(ceiling.percent, 0.75));
    }
  }
  if (plan.Wants("samples")) {
    Print("samples stored, beside commits of 100 rows", rows, kRowsPerMessage, ">= 70 %");
  }
  service.Stop();
  return absl::OkStatus();
}

}  // namespace
}  // namespace cusp

int main(int argc, char** argv) {
  CLI::App app("Durable submits and sample ingest of cuspd beside raw SQLite", "service_bench");
  cusp::Plan plan;
  app.add_option("--part", plan.part, "What to measure")
      ->check(CLI::IsMember({"all", "submits", "samples"}))
      ->capture_default_str();
  app.add_option("--connections", plan.connections, "How many at once, each in its turn")
      ->check(CLI::Range(1, 1000))
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--rounds", plan.rounds, "Rounds; a ratio is taken within each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "cusp-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  const absl::Status status = cusp::Bench(folder, plan);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) {
    std::fprintf(stderr, "service_bench: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
