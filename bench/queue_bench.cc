// What a free worker's sweep costs to choose and to lease, and what it costs to tell how
// many are ahead, by the number of queued jobs and of users. On a database in a file
// without waiting for the disk, so that it is the queue's own time.
#include <stdlib.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/rates.h"
#include "common/status_macros.h"
#include "server/store/jobs.h"
#include "server/store/leasing.h"
#include "server/store/migrator.h"
#include "server/store/queue_order.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr int kTimes = 500;
constexpr int64_t kNowUs = int64_t{1'800'000'000} * 1'000'000;

absl::Status Fill(Transaction& tx, int jobs, int users) {
  NewJob job;
  job.device = "auto";
  job.baselines = {"a"};
  job.candidates = {"b"};
  job.sweeps = {{1, 1}};
  for (int i = 0; i < jobs; ++i) {
    job.public_id = "j" + std::to_string(i);
    job.owner = "u" + std::to_string(i % users);
    CUSP_RETURN_IF_ERROR(InsertJob(tx, job).status());
  }
  Worker worker;
  worker.name = "w";
  worker.device = "cuda:0";
  worker.device_class = "NVIDIA H200";
  return RegisterWorker(tx, worker, "r").status();
}

template <typename Work>
absl::StatusOr<std::vector<double>> Microseconds(Work work) {
  std::vector<double> times;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = std::chrono::steady_clock::now();
    CUSP_RETURN_IF_ERROR(work());
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    times.push_back(time.count());
  }
  return times;
}

absl::Status Measure(const std::string& path, int jobs, int users) {
  CUSP_ASSIGN_OR_RETURN(const std::unique_ptr<Database> db,
                        Database::Open(path, Database::Mode::kReadWrite));
  CUSP_RETURN_IF_ERROR(db->Execute("PRAGMA synchronous = OFF"));
  CUSP_RETURN_IF_ERROR(Migrate(*db, Migrations()));
  Changes changes;
  Transaction tx{*db, changes, kNowUs};
  CUSP_RETURN_IF_ERROR(db->Execute("BEGIN"));
  CUSP_RETURN_IF_ERROR(Fill(tx, jobs, users));
  CUSP_RETURN_IF_ERROR(db->Execute("COMMIT; BEGIN"));
  CUSP_ASSIGN_OR_RETURN(
      const std::vector<double> leases, Microseconds([&]() -> absl::Status {
        tx.now_us += 1000;
        CUSP_ASSIGN_OR_RETURN(const SyncAnswer answer, SyncWorker(tx, {"w", std::nullopt, false}));
        if (answer.action != SyncAction::kMeasure) {
          return absl::InternalError("nothing was leased");
        }
        return FinishAttempt(tx, {answer.job, 1, answer.lease.attempt}, AttemptEnd::kReleased, {},
                             std::nullopt)
            .status();
      }));
  CUSP_ASSIGN_OR_RETURN(const int64_t last, ResolveJob(*db, "j" + std::to_string(jobs - 1)));
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadJob(*db, last, false));
  CUSP_ASSIGN_OR_RETURN(
      const std::vector<double> aheads, Microseconds([&] {
        return SweepsAhead(*db, job, {"auto", "cuda", "NVIDIA H200"}, 300, tx.now_us).status();
      }));
  CUSP_RETURN_IF_ERROR(db->Execute("COMMIT"));
  std::printf("%8d %6d %12.0f %8.0f %12.0f %8.0f\n", jobs, users, Quantile(leases, 0.5),
              Quantile(leases, 0.99), Quantile(aheads, 0.5), Quantile(aheads, 0.99));
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::Status Bench(const std::string& folder) {
  std::printf("leasing a sweep and giving it back, and counting what is ahead, in µs\n");
  std::printf("%8s %6s %12s %8s %12s %8s\n", "queued", "users", "lease", "p99", "ahead", "p99");
  int number = 0;
  for (const int users : {1, 10, 50}) {
    for (const int jobs : {100, 10'000, 100'000}) {
      CUSP_RETURN_IF_ERROR(Measure(folder + "/" + std::to_string(++number), jobs, users));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace cusp::server

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "cusp-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  const absl::Status status = cusp::server::Bench(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) {
    std::fprintf(stderr, "queue_bench: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
