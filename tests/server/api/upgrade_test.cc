// A database of each released schema, with rows in each of its tables, as this version
// reads it and goes on with it.
#include <filesystem>
#include <string>
#include <vector>

#include "common/sha256.h"
#include "server/store/migrator.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

// Schemas that programs in use have written. A new one comes with rows for its tables.
constexpr int kReleasedSchemas = 5;

struct Rows {
  int since;  // the schema that brought the table or columns
  const char* sql;
};

// One measured job and one that waits. The columns are named, since later schemas add some.
constexpr Rows kRows[] = {
    {1, "INSERT INTO users (id, name, create_time_us) VALUES (1, 'local', 1)"},
    {1, "INSERT INTO tokens (sha256, user_id, create_time_us) VALUES (x'01', 1, 1)"},
    {1,
     "INSERT INTO jobs (id, public_id, owner_id, display_name, state, priority, device,"
     " sweeps_total, sweeps_ended, create_time_us, start_time_us, end_time_us) VALUES"
     " (1, 'done', 1, 'old', 4, 0, 'auto', 1, 1, 1, 2, 3),"
     " (2, 'waits', 1, 'old', 1, 0, 'auto', 1, 0, 4, NULL, NULL)"},
    {1,
     "INSERT INTO variants (job_id, number, name, is_baseline) VALUES (1, 0, 'bert', 1),"
     " (1, 1, 'longformer', 0), (2, 0, 'bert', 1), (2, 1, 'longformer', 0)"},
    {1,
     "INSERT INTO requests (user_id, request_id, payload_sha256, response, create_time_us)"
     " VALUES (1, x'0102030405060708090a0b0c0d0e0f10', x'00', x'', 1)"},
    {1,
     "INSERT INTO sweeps (id, job_id, number, mode, dtype, state, priority, device, attempt,"
     " end_time_us) VALUES (1, 1, 1, 1, 1, 3, 0, 'auto', 1, 3),"
     " (2, 2, 1, 1, 1, 1, 0, 'auto', 0, NULL)"},
    {1,
     "INSERT INTO workers (id, name, device_class, device, host, memory_bytes, cores,"
     " cusp_version, register_request, incarnation, register_time_us) VALUES"
     " (1, 'old', 'CPU', 'cpu', 'h', 8, 2, '0.1.0', x'00', 1, 1)"},
    {1,
     "INSERT INTO attempts (sweep_id, number, worker_id, incarnation, generation, state,"
     " blocks_inherited, start_time_us, end_time_us) VALUES (1, 1, 1, 1, 1, 3, 0, 2, 3)"},
    {1,
     "INSERT INTO provenances (id, sha256, device_class, device, host, driver_version,"
     " torch_version, cusp_version, build_id, threads, affinity, allocator, cpu_capability,"
     " kernel) VALUES (1, x'02', 'CPU', 'cpu', 'h', '', '2.11', '0.1.0', '', 2, '', '', '', '6')"},
    {1,
     "INSERT INTO generations (sweep_id, generation, provenance_id, blocks, last_block)"
     " VALUES (1, 1, 1, 1, 1)"},
    {1,
     "INSERT INTO blocks (sweep_id, generation, block, length, batch_size, steal_share,"
     " attempt, commit_time_us) VALUES (1, 1, 1, 64, 1, 0.5, 1, 2)"},
    {1,
     "INSERT INTO samples (sweep_id, generation, block, variant, metric, position, outcome,"
     " calls, value) VALUES (1, 1, 1, 0, 1, 0, 1, 3, 0.25), (1, 1, 1, 1, 1, 1, 1, 3, 0.5)"},
    {1,
     "INSERT INTO comparisons (id, sweep_id, baseline, candidate, metric, batch_size, range_min,"
     " range_max, verdict, blocks_used, note) VALUES (1, 1, 0, 1, 1, 1, 64, 2048, 3, 9, 'old')"},
    {1,
     "INSERT INTO crossings (comparison_id, kind, number, length, low, high, direction)"
     " VALUES (1, 0, 0, 512, 500, 530, 1), (1, 2, 0, 512, 500, 530, 1)"},
    {1,
     "INSERT INTO comparison_lengths (comparison_id, kind, length) VALUES (1, 0, 511),"
     " (1, 1, 513)"},
    {1,
     "INSERT INTO costs (sweep_id, variant, metric, batch_size, length, median, low, high,"
     " samples, outcome) VALUES (1, 0, 1, 1, 64, 0.25, 0.2, 0.3, 9, 1)"},
    {1,
     "INSERT INTO audit (time_us, actor, action, job_id, detail)"
     " VALUES (1, 'local', 'job_submitted', 1, '')"},
    {2,
     "INSERT INTO self_checks (sweep_id, variant, length, batch_size, blocks, median_ratio, low,"
     " high, differs) VALUES (1, 0, 128, 1, 9, 1.0, 0.99, 1.01, 0)"},
    {3,
     "INSERT INTO generation_variants (sweep_id, generation, variant, config_sha256)"
     " VALUES (1, 1, 0, 'abcd')"},
    {3, "UPDATE generations SET load_average = 0.5, runnable_threads = 1, start_time_us = 2"},
    {4, "UPDATE sweeps SET device_speed = x'' WHERE id = 1"},
    {5, "UPDATE users SET max_running = 3"},
};

class UpgradeTest : public ServiceTest, public ::testing::WithParamInterface<int> {
 protected:
  // In place of the fixture's empty one.
  void WriteOldDatabase() {
    coordinator_.reset();
    const std::string folder = dir_.Join("data");
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    auto db = Database::Open(folder + "/cusp.db", Database::Mode::kReadWrite);
    ASSERT_THAT(db, IsOk());
    const auto schema = static_cast<size_t>(GetParam());
    ASSERT_THAT(Migrate(**db, Migrations().first(schema)), IsOk());
    for (const Rows& rows : kRows) {
      if (rows.since <= GetParam()) {
        ASSERT_THAT(server::Run(**db, rows.sql), IsOk());
      }
    }
    const std::string spec = SmallSpec().SerializeAsString();
    for (const int job : {1, 2}) {
      ASSERT_THAT(
          server::Run(**db, "INSERT INTO job_specs (job_id, spec) VALUES (?, ?)", job, Blob{spec}),
          IsOk());
    }
    ExpectRowsInEveryTable(**db);
  }

  static void ExpectRowsInEveryTable(Database& db) {
    std::vector<std::string> tables;
    Query query(db,
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    while (query.Next()) {
      tables.push_back(query.Text(0));
    }
    for (const std::string& table : tables) {
      const std::string sql = "SELECT count(*) FROM " + table;
      Query count(db, sql);
      ASSERT_TRUE(count.Next());
      EXPECT_GT(count.Int(0), 0) << table << " has no row in this test";
    }
  }
};

TEST_P(UpgradeTest, EverythingOldIsReadAndWorkGoesOn) {
  ASSERT_NO_FATAL_FAILURE(WriteOldDatabase());
  ASSERT_NO_FATAL_FAILURE(Start());

  const auto done = Get("jobs/done");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_EQ(done->spec().candidates(0).model(), "longformer");
  grpc::ClientContext listing;
  v1::ListJobsResponse jobs;
  ASSERT_TRUE(jobs_->ListJobs(&listing, {}, &jobs).ok());
  EXPECT_EQ(jobs.jobs_size(), 2);

  grpc::ClientContext reading;
  v1::GetJobResultRequest wanted;
  wanted.set_job("jobs/done");
  v1::GetJobResultResponse result;
  ASSERT_TRUE(results_->GetJobResult(&reading, wanted, &result).ok());
  ASSERT_EQ(result.result().comparisons_size(), 1);
  EXPECT_EQ(result.result().comparisons(0).note(), "old");
  EXPECT_EQ(result.result().comparisons(0).persistent().length(), 512);
  EXPECT_EQ(result.result().comparisons(0).undecided_lengths(0), 511);
  EXPECT_EQ(result.result().costs(0).median(), 0.25);
  ASSERT_EQ(result.result().provenances_size(), 1);
  EXPECT_EQ(result.result().provenances(0).torch_version(), "2.11");
  EXPECT_EQ(result.result().self_checks_size(), GetParam() >= 2 ? 1 : 0);

  const auto blocks = Blocks("jobs/done/sweeps/1");
  ASSERT_THAT(blocks, IsOk());
  ASSERT_EQ(blocks->blocks_size(), 1);
  EXPECT_EQ(blocks->blocks(0).steal_share(), 0.5);
  EXPECT_EQ(blocks->blocks(0).samples(1).value(), 0.5);

  grpc::ClientContext looking_back;
  v1::ListHistoryResponse history;
  ASSERT_TRUE(results_->ListHistory(&looking_back, {}, &history).ok());
  EXPECT_EQ(history.entries_size(), 1);
  grpc::ClientContext asking;
  v1::ListWorkersResponse workers;
  ASSERT_TRUE(workers_->ListWorkers(&asking, {}, &workers).ok());
  ASSERT_EQ(workers.workers_size(), 1);
  EXPECT_EQ(workers.workers(0).name(), "workers/old");

  // What waited is measured, and new jobs are taken.
  const std::string attempt = Lease("new");
  EXPECT_EQ(attempt, "jobs/waits/sweeps/1/attempts/1");
  EXPECT_THAT(SendBlock(attempt, 1), IsOk());
  EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_EQ(Get("jobs/waits")->state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_NE(SubmitSmall(), "");
}

INSTANTIATE_TEST_SUITE_P(FromSchema, UpgradeTest, ::testing::Range(1, kReleasedSchemas + 1));

}  // namespace
}  // namespace cusp::server
