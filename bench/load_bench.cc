// What a real cuspd does under load: a thousand workers and steady submits, a long
// queue, and many samples. Prints each figure beside its goal.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/cuspd_process.h"
#include "bench/disk_probe.h"
#include "bench/filled_store.h"
#include "bench/rates.h"
#include "bench/service_calls.h"
#include "bench/simulated_workers.h"
#include "common/process_limits.h"
#include "common/status_macros.h"
#include "cusp/v1/result_service.grpc.pb.h"

namespace cusp {
namespace {

using std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kSubmitters = 8;
constexpr char kServed[] = "simulated";
constexpr char kUnserved[] = "cuda";  // of jobs that stay in the queue

struct Load {
  int workers = 1000;
  int submits_per_second = 100;
  int seconds = 30;
  int64_t jobs = 100'000;
  int64_t samples = 10'000'000;
  std::string part = "all";
  bool tls = false;

  bool Wants(const char* name) const { return part == "all" || part == name; }
  Transport transport() const { return tls ? Transport::kTls : Transport::kSocket; }
};

void PrintTimes(const char* what, const std::vector<double>& ms, const char* goal) {
  std::printf("  %-44s p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms   n %zu%s%s\n", what,
              Quantile(ms, 0.5), Quantile(ms, 0.99), Quantile(ms, 1), ms.size(),
              goal[0] == '\0' ? "" : "   goal: ", goal);
  std::fflush(stdout);
}

// Milliseconds of each submit, from when it was due: one that waits for the one before
// it counts the wait.
std::vector<double> SubmitSteadily(const ChannelOptions& caller, const std::string& device,
                                   const Load& load) {
  const auto period = std::chrono::duration_cast<steady_clock::duration>(
      std::chrono::duration<double>(1.0 / load.submits_per_second));
  const int64_t total = int64_t{load.submits_per_second} * load.seconds;
  std::vector<std::vector<double>> times(kSubmitters);
  const auto start = steady_clock::now();
  Together(kSubmitters, [&](int number) {
    const auto stub = v1::JobService::NewStub(Connect(caller));
    v1::SubmitJobRequest request;
    *request.mutable_spec() = SpecOf(1, device);
    for (int64_t i = number; i < total; i += kSubmitters) {
      const auto due = start + i * period;
      std::this_thread::sleep_until(due);
      if (Submit(*stub, request)) {
        times[static_cast<size_t>(number)].push_back(
            Milliseconds(steady_clock::now() - due).count());
      }
    }
    return 0.0;
  });
  std::vector<double> all;
  for (const std::vector<double>& some : times) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// The same, printed, with what the disk under `folder` took meanwhile.
void MeasureSubmits(const std::string& what, const std::string& folder,
                    const ChannelOptions& caller, const std::string& device, const Load& load,
                    const char* goal) {
  DiskProbe probe(folder);
  const std::vector<double> times = SubmitSteadily(caller, device, load);
  PrintTimes(what.c_str(), times, goal);
  PrintTimes("  meanwhile, fdatasync of 4 KiB elsewhere", probe.Stop(), "");
}

void PrintMemory(const CuspdProcess& cuspd, const char* goal) {
  const ResidentMemory memory = cuspd.Memory();
  std::printf("  %-44s %.1f MiB now, %.1f MiB at most%s%s\n", "cuspd's resident memory", memory.now,
              memory.peak, goal[0] == '\0' ? "" : "   goal: ", goal);
}

absl::Status BenchWorkers(const std::string& folder, const Load& load) {
  std::printf("%d workers and %d submits/s for %d s\n", load.workers, load.submits_per_second,
              load.seconds);
  CUSP_ASSIGN_OR_RETURN(CuspdProcess cuspd, CuspdProcess::Start(folder, load.transport()));
  PrintMemory(cuspd, "");
  MeasureSubmits("submits without workers", folder, cuspd.caller(), kUnserved, load, "");
  SimulatedWorkers workers(cuspd.caller(), kServed, load.workers);
  CUSP_RETURN_IF_ERROR(workers.Start());
  for (const bool served : {false, true}) {
    const int64_t syncs = workers.syncs();
    const int64_t ended = workers.ended();
    const auto start = steady_clock::now();
    MeasureSubmits(served ? "submits that workers take and end" : "submits that wait, workers idle",
                   folder, cuspd.caller(), served ? kServed : kUnserved, load, "p99 < 10 ms");
    const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
    std::printf("  %-44s %.0f syncs/s, %.0f sweeps ended/s, %lld calls failed\n", "meanwhile",
                static_cast<double>(workers.syncs() - syncs) / seconds,
                static_cast<double>(workers.ended() - ended) / seconds,
                static_cast<long long>(workers.errors()));
    PrintMemory(cuspd, "< 64 MiB");
  }
  return absl::OkStatus();
}

// Milliseconds of syncs that each lease a sweep, of one new worker after another.
absl::StatusOr<std::vector<double>> LeaseTimes(const ChannelOptions& caller, int count) {
  const auto stub = v1::WorkerService::NewStub(Connect(caller));
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    v1::RegisterWorkerRequest registration;
    registration.set_request_id(NewUuid());
    registration.mutable_worker()->set_name("workers/taker-" + std::to_string(i));
    registration.mutable_worker()->set_device_class(kUnserved);
    registration.mutable_worker()->set_device(kUnserved);
    v1::RegisterWorkerResponse registered;
    grpc::ClientContext first;
    grpc::ClientContext second;
    v1::SyncWorkerRequest sync;
    sync.set_worker(registration.worker().name());
    v1::SyncWorkerResponse desired;
    if (!stub->RegisterWorker(&first, registration, &registered).ok()) {
      return absl::UnavailableError("a worker was not taken");
    }
    const auto start = steady_clock::now();
    const grpc::Status status = stub->SyncWorker(&second, sync, &desired);
    times.push_back(Milliseconds(steady_clock::now() - start).count());
    if (!status.ok() || desired.desired_state().action() != v1::DesiredState::ACTION_MEASURE) {
      return absl::InternalError("a sync brought no sweep");
    }
  }
  return times;
}

absl::Status BenchQueue(const std::string& folder, const Load& load) {
  constexpr int kLeases = 200;
  std::printf("a queue of %lld jobs\n", static_cast<long long>(load.jobs));
  for (const int64_t jobs : {int64_t{0}, load.jobs}) {
    const std::string own = folder + "/queue" + std::to_string(jobs);
    std::filesystem::create_directories(own);
    CUSP_RETURN_IF_ERROR(QueueJobs(own, jobs, kUnserved));
    const std::string with = " with " + std::to_string(jobs) + " queued";
    const char* const goal = jobs > 0 ? "< 2 s" : "";
    for (const char* const way : {"start", "start after kill -9"}) {
      CUSP_ASSIGN_OR_RETURN(CuspdProcess cuspd, CuspdProcess::Start(own, load.transport()));
      std::printf("  %-44s %.2f s%s%s\n", (way + with).c_str(), cuspd.start_seconds(),
                  goal[0] == '\0' ? "" : "   goal: ", goal);
      cuspd.Kill();
    }
    CUSP_ASSIGN_OR_RETURN(CuspdProcess cuspd, CuspdProcess::Start(own, load.transport()));
    MeasureSubmits("submits" + with, own, cuspd.caller(), kUnserved, load, "p99 < 10 ms");
    CUSP_ASSIGN_OR_RETURN(const std::vector<double> leases, LeaseTimes(cuspd.caller(), kLeases));
    PrintTimes(("syncs that take a sweep" + with).c_str(), leases, "");
    PrintMemory(cuspd, "< 64 MiB");
    cuspd.Stop();
  }
  return absl::OkStatus();
}

// Milliseconds of the first call, and of those after it.
absl::Status TimeReads(const char* what, int count, const char* goal,
                       const std::function<grpc::Status(grpc::ClientContext&, int)>& read) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    grpc::ClientContext context;
    const auto start = steady_clock::now();
    const grpc::Status status = read(context, i);
    const double ms = Milliseconds(steady_clock::now() - start).count();
    if (!status.ok()) {
      return absl::InternalError(std::string(what) + ": " + status.error_message());
    }
    if (i == 0) {
      std::printf("  %-44s %.2f ms\n", (std::string(what) + ", the first").c_str(), ms);
    } else {
      times.push_back(ms);
    }
  }
  PrintTimes(what, times, goal);
  return absl::OkStatus();
}

absl::Status BenchSamples(const std::string& folder, const Load& load) {
  std::printf("%lld samples, written through the store, 10,000 a transaction\n",
              static_cast<long long>(load.samples));
  const auto start = steady_clock::now();
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, AddMeasuredJobs(folder, load.samples));
  const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  std::printf("  %-44s %.0f s, %.2f GB\n", "writing them, and the file", seconds,
              static_cast<double>(std::filesystem::file_size(folder + "/data/cusp.db")) / 1e9);
  CUSP_ASSIGN_OR_RETURN(CuspdProcess cuspd, CuspdProcess::Start(folder, load.transport()));
  std::printf("  %-44s %.2f s\n", "start", cuspd.start_seconds());
  const auto stub = v1::ResultService::NewStub(Connect(cuspd.caller()));
  CUSP_RETURN_IF_ERROR(
      TimeReads("GetJobResult", 100, "< 200 ms", [&](grpc::ClientContext& context, int i) {
        // Spread over all of them, each another one.
        v1::GetJobResultRequest request;
        request.set_job(jobs[static_cast<size_t>(i) * 7919 % jobs.size()]);
        v1::GetJobResultResponse response;
        return stub->GetJobResult(&context, request, &response);
      }));
  const auto history = [&](const char* what, const v1::ListHistoryRequest& request) {
    return TimeReads(what, 10, "< 500 ms", [&](grpc::ClientContext& context, int) {
      v1::ListHistoryResponse response;
      return stub->ListHistory(&context, request, &response);
    });
  };
  v1::ListHistoryRequest request;
  CUSP_RETURN_IF_ERROR(history("ListHistory, newest page", request));
  request.set_candidate("v7");
  CUSP_RETURN_IF_ERROR(history("ListHistory, of a candidate of every job", request));
  request.set_candidate("v8");
  request.set_device("cuda");
  CUSP_RETURN_IF_ERROR(history("ListHistory, candidate, nothing fits", request));
  request.clear_candidate();
  CUSP_RETURN_IF_ERROR(history("ListHistory, nothing fits", request));
  PrintMemory(cuspd, "< 64 MiB");
  cuspd.Stop();
  return absl::OkStatus();
}

absl::Status Bench(const std::string& folder, const Load& load) {
  RaiseDescriptorLimit();
  double load_average = 0;
  (void)getloadavg(&load_average, 1);
  std::printf("%u CPUs, load average %.1f at the start, folder %s, %s\n",
              std::thread::hardware_concurrency(), load_average, folder.c_str(),
              load.tls ? "TLS" : "Unix socket");
  for (const char* part : {"workers", "queue", "samples"}) {
    if (load.Wants(part)) {
      const std::string own = folder + "/" + part;
      std::filesystem::create_directories(own);
      CUSP_RETURN_IF_ERROR(part[0] == 'w'   ? BenchWorkers(own, load)
                           : part[0] == 'q' ? BenchQueue(own, load)
                                            : BenchSamples(own, load));
      std::filesystem::remove_all(own);
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace cusp

int main(int argc, char** argv) {
  CLI::App app("cuspd under load: workers, a long queue, many samples", "load_bench");
  cusp::Load load;
  app.add_option("--part", load.part, "What to measure")
      ->check(CLI::IsMember({"all", "workers", "queue", "samples"}))
      ->capture_default_str();
  app.add_option("--workers", load.workers, "Workers that sync")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--rate", load.submits_per_second, "Submits per second")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--seconds", load.seconds, "Of each slice of submits")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--jobs", load.jobs, "Jobs in the long queue")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--samples", load.samples, "Samples in the database")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  app.add_flag("--tls", load.tls, "Over TLS on the loopback interface, not a Unix socket");
  CLI11_PARSE(app, argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "cusp-load-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  const absl::Status status = cusp::Bench(folder, load);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) {
    std::fprintf(stderr, "load_bench: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
