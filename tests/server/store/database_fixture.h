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

  Transaction Tx() { return {*db_, changes_, 1000}; }

  // Queues a job of variants "a" and "b" with `sweeps` sweeps.
  Job Insert(const std::string& public_id, int sweeps = 1) {
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
    Transaction tx = Tx();
    auto inserted = InsertJob(tx, job);
    EXPECT_THAT(inserted, IsOk());
    return *inserted;
  }

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

  std::unique_ptr<Database> db_;
  Changes changes_;
};

}  // namespace cusp::server
