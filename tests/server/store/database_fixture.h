// A migrated database in memory, and transactions on it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/store/attempts.h"
#include "server/store/jobs.h"
#include "server/store/leasing.h"
#include "server/store/migrator.h"
#include "server/store/sqlite.h"
#include "server/store/workers.h"
#include "server/store/writer.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    auto db = Database::Open(":memory:", Database::Mode::kReadWrite);
    EXPECT_THAT(db, IsOk());
    db_ = *std::move(db);
    EXPECT_THAT(Migrate(*db_, Migrations()), IsOk());
  }

  Transaction Tx() { return {*db_, changes_, now_us_}; }

  // A job of variants "a" and "b" with `sweeps` sweeps.
  static NewJob Describe(const std::string& public_id, int sweeps = 1) {
    NewJob job;
    job.public_id = public_id;
    job.owner = "u";
    job.device = "auto";
    job.spec = "spec";
    job.baselines = {"a"};
    job.candidates = {"b"};
    for (int i = 0; i < sweeps; ++i) {
      job.sweeps.emplace_back(1, i + 1);
    }
    return job;
  }

  Job Insert(const NewJob& job) {
    Transaction tx = Tx();
    auto inserted = InsertJob(tx, job);
    EXPECT_THAT(inserted, IsOk());
    return *inserted;
  }
  Job Insert(const std::string& public_id, int sweeps = 1) {
    return Insert(Describe(public_id, sweeps));
  }
  // Of another user than "u".
  Job InsertFor(const std::string& owner, const std::string& public_id, int priority = 0) {
    NewJob job = Describe(public_id);
    job.owner = owner;
    job.priority = priority;
    return Insert(job);
  }

  JobState StateOf(const Job& job) { return LoadJob(*db_, job.id, false)->state; }

  // Registers a CPU worker on host "h" and leases the next sweep to it.
  AttemptName LeaseTo(const std::string& worker, const std::string& host = "h") {
    Transaction tx = Tx();
    Worker registered;
    registered.name = worker;
    registered.device_class = "CPU";
    registered.device = "cpu";
    registered.host = host;
    EXPECT_THAT(RegisterWorker(tx, registered, worker), IsOk());
    const auto answer = SyncWorker(tx, {worker, std::nullopt, false});
    EXPECT_THAT(answer, IsOk());
    return {answer->job, answer->sweep.number, answer->lease.attempt};
  }

  int64_t Count(const std::string& table) {
    Query query(*db_, "SELECT count(*) FROM " + table);
    return query.Next() ? query.Int(0) : -1;
  }

  // A worker that has got nothing.
  static bool IsIdle(const AttemptName& name) { return name.number == 0; }

  absl::Status Finish(const AttemptName& name, AttemptEnd end) {
    Transaction tx = Tx();
    SweepResult result;
    std::optional<Failure> failure;
    if (end == AttemptEnd::kSucceeded) {
      result.costs.push_back({.variant = "a",
                              .metric = 1,
                              .batch_size = 1,
                              .length = 64,
                              .median = 1,
                              .low = 1,
                              .high = 1,
                              .samples = 1,
                              .outcome = kOutcomeOk,
                              .failure_message = ""});
    } else if (end == AttemptEnd::kFailed) {
      failure = Failure{1, "died"};
    }
    return FinishAttempt(tx, name, end, result, failure).status();
  }

  int64_t Number(const std::string& sql) {
    Query query(*db_, sql);
    return query.Next() ? query.Int(0) : -1;
  }

  std::unique_ptr<Database> db_;
  Changes changes_;
  int64_t now_us_ = 1000;
};

}  // namespace cusp::server
