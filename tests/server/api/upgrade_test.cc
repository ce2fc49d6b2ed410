// A database of each earlier schema, with rows in each of its tables, as this version
// reads it and goes on with it.
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/file.h"
#include "server/store/migrator.h"
#include "tests/server/api/service_fixture.h"
#include "tests/support/paths.h"

namespace cusp::server {
namespace {

struct Rows {
  int since;  // the schema that brought the table or columns
  const char* sql;
  int until = 1'000;  // the last schema that has them like this
};

// One measured job and one that waits. The columns are named, since later schemas add some.
constexpr Rows kRows[] = {
    {1, "INSERT INTO users (id, name, create_time_us) VALUES (1, 'local', 1)"},
    {1, "INSERT INTO tokens (sha256, user_id, create_time_us) VALUES (x'01', 1, 1)", 7},
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
     " range_max, verdict, blocks_used, note) VALUES (1, 1, 0, 1, 1, 1, 64, 2048, 1, 9, 'old')"},
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
    {6, "UPDATE blocks SET allocator_retries = 1, device_clock_mhz = 1980, device_others = 2"},
    {6, "UPDATE generations SET device_processes = 2"},
    {7, "INSERT INTO usage (user_id, seconds, time_us, turns, queued) VALUES (1, 1.5, 3, 1, 1)"},
    {7, "INSERT INTO turns (user_id, device, time_us) VALUES (1, 'auto', 2)"},
    {7, "INSERT INTO job_dependencies (job_id, after_id) VALUES (2, 1)"},
    {7, "UPDATE sweeps SET owner_id = 1, queue_time_us = 4"},
    {8,
     "INSERT INTO tokens (id, sha256, user_id, role, create_time_us, last_use_time_us)"
     " VALUES (1, x'01', 1, 4, 1, 2)"},
    {9, "INSERT INTO readiness (id, time_us) VALUES (1, 1)"},
    {9, "UPDATE jobs SET original_owner = 'her' WHERE id = 1"},
};

class UpgradeTest : public ServiceTest, public ::testing::WithParamInterface<int> {
 protected:
  using Texts = std::vector<std::string>;

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
      if (rows.since <= GetParam() && GetParam() <= rows.until) {
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

  // The first column of a query's rows.
  static Texts Column(Database& db, const std::string& sql) {
    Texts texts;
    Query query(db, sql);
    while (query.Next()) {
      texts.push_back(query.Text(0));
    }
    EXPECT_THAT(query.status(), IsOk()) << sql;
    return texts;
  }

  static Texts Tables(Database& db) {
    return Column(
        db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
  }

  static void ExpectRowsInEveryTable(Database& db) {
    for (const std::string& table : Tables(db)) {
      EXPECT_NE(Column(db, "SELECT count(*) FROM " + table), Texts{"0"})
          << table << " has no row in this test";
    }
  }

  // By table, a statement that gives each row as one text: of the columns that there
  // are now, so that it asks for the same after an upgrade.
  static std::map<std::string, std::string> Readings(Database& db) {
    std::map<std::string, std::string> readings;
    for (const std::string& table : Tables(db)) {
      std::string row;
      for (const auto& column : Column(db, "SELECT name FROM pragma_table_info('" + table + "')")) {
        row += (row.empty() ? "quote(" : " || ',' || quote(") + column + ")";
      }
      readings[table] = "SELECT " + row + " FROM " + table + " ORDER BY 1";
    }
    return readings;
  }
};

// The names of the views that docs/sql.md promises.
std::set<std::string> DocumentedViews() {
  std::istringstream page(ReadFile(SourceFolder() + "/docs/sql.md", 1U << 20U).value_or(""));
  std::set<std::string> views;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("## v_", 0) == 0) {
      views.insert(line.substr(3));
    }
  }
  return views;
}

TEST_P(UpgradeTest, UpgradedDatabaseIsSoundAndKeepsEveryValue) {
  ASSERT_NO_FATAL_FAILURE(WriteOldDatabase());
  const auto db = *Database::Open(dir_.Join("data/cusp.db"), Database::Mode::kReadWrite);
  const auto readings = Readings(*db);
  std::map<std::string, Texts> before;
  for (const auto& [table, reading] : readings) {
    before[table] = Column(*db, reading);
  }
  ASSERT_THAT(Migrate(*db, Migrations()), IsOk());
  EXPECT_EQ(Column(*db, "PRAGMA user_version"), Texts{std::to_string(Migrations().back().version)});
  EXPECT_EQ(Column(*db, "PRAGMA integrity_check"), Texts{"ok"});
  EXPECT_EQ(Column(*db, "PRAGMA foreign_key_check"), Texts{});
  for (const auto& [table, reading] : readings) {
    EXPECT_EQ(Column(*db, reading), before[table]) << table;
  }
}

TEST_P(UpgradeTest, EveryDocumentedViewShowsTheOldRows) {
  ASSERT_NO_FATAL_FAILURE(WriteOldDatabase());
  const auto db = *Database::Open(dir_.Join("data/cusp.db"), Database::Mode::kReadWrite);
  ASSERT_THAT(Migrate(*db, Migrations()), IsOk());
  const Texts views = Column(*db, "SELECT name FROM sqlite_schema WHERE type = 'view'");
  EXPECT_EQ(std::set<std::string>(views.begin(), views.end()), DocumentedViews());
  const std::map<std::string, std::string> rows = {{"v_jobs", "2"},
                                                   {"v_workers", "1"},
                                                   {"v_tipping_points", "1"},
                                                   {"v_costs", "1"},
                                                   {"v_samples", "2"}};
  for (const std::string& view : views) {
    ASSERT_EQ(rows.count(view), 1U) << "say how many rows " << view << " has";
    EXPECT_EQ(Column(*db, "SELECT * FROM " + view).size(), std::stoul(rows.at(view))) << view;
  }
  EXPECT_EQ(Column(*db, "SELECT job || ' ' || state || ' ' || owner FROM v_jobs ORDER BY job"),
            (Texts{"done SUCCEEDED local", "waits QUEUED local"}));
  EXPECT_EQ(Column(*db, "SELECT worker || ' ' || host FROM v_workers"), Texts{"old h"});
  EXPECT_EQ(Column(*db,
                   "SELECT baseline || ' ' || candidate || ' ' || verdict || ' ' || tipping_point"
                   " || ' ' || torch_version FROM v_tipping_points"),
            Texts{"bert longformer crosses 512.0 2.11"});
  EXPECT_EQ(Column(*db, "SELECT variant || ' ' || metric || ' ' || median FROM v_costs"),
            Texts{"bert latency 0.25"});
  EXPECT_EQ(Column(*db,
                   "SELECT variant || ' ' || value || ' ' || steal_share FROM v_samples"
                   " ORDER BY position"),
            (Texts{"bert 0.25 0.5", "longformer 0.5 0.5"}));
}

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

INSTANTIATE_TEST_SUITE_P(FromSchema, UpgradeTest, ::testing::Range(1, Migrations().back().version));

}  // namespace
}  // namespace cusp::server
