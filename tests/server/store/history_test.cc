#include "server/store/history.h"

#include <gmock/gmock.h>

#include "server/store/provenances.h"
#include "server/store/results.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kLatency = 1;
constexpr int kMemory = 3;

// Sweeps are inserted as finished at a time of the test's choice, without leases.
class HistoryTest : public DatabaseTest {
 protected:
  struct Finished {
    std::string job;
    std::string candidate = "b";
    int64_t end_time_us = 0;
    std::string device_class = "CPU";
    std::string device = "cpu";
    int metric = kLatency;
    std::string driver = "";
    std::string host = "h";
  };

  void Add(const Finished& finished) {
    Transaction tx = Tx();
    NewJob job;
    job.public_id = finished.job;
    job.display_name = "name of " + finished.job;
    job.owner = "u";
    job.device = "auto";
    job.baselines = {"a"};
    job.candidates = {finished.candidate};
    job.sweeps = {{1, 1}};
    const auto inserted = InsertJob(tx, job);
    ASSERT_THAT(inserted, IsOk());
    const Sweep& sweep = inserted->sweeps[0];
    Comparison comparison;
    comparison.baseline = "a";
    comparison.candidate = finished.candidate;
    comparison.metric = finished.metric;
    comparison.batch_size = 1;
    comparison.persistent = Crossing{100, 90, 110, 1};
    ASSERT_THAT(StoreResult(tx, sweep, {{comparison}, {}, std::nullopt, ""}), IsOk());
    Provenance provenance;
    provenance.device_class = finished.device_class;
    provenance.device = finished.device;
    provenance.driver_version = finished.driver;
    provenance.cusp_version = "0.1.0";
    provenance.torch_version = "2.11.0";
    provenance.host = finished.host;
    const auto id = EnsureProvenance(tx, provenance);
    ASSERT_THAT(server::Run(*db_,
                            "INSERT INTO generations (sweep_id, generation, provenance_id)"
                            " VALUES (?, 1, ?)",
                            sweep.id, *id),
                IsOk());
    ASSERT_THAT(server::Run(*db_, "UPDATE sweeps SET end_time_us = ?, state = 3 WHERE id = ?",
                            finished.end_time_us, sweep.id),
                IsOk());
  }

  std::vector<std::string> Jobs(const HistoryFilter& filter, int limit = 10,
                                const HistoryPosition& after = {}) {
    const auto rows = ListHistory(*db_, filter, after, limit);
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> jobs;
    for (const HistoryRow& row : *rows) {
      jobs.push_back(row.job);
      last_ = row.position;
    }
    return jobs;
  }

  // The filter with one field set.
  template <typename Field, typename Value>
  static HistoryFilter Only(Field HistoryFilter::*field, const Value& value) {
    HistoryFilter filter;
    filter.*field = value;
    return filter;
  }

  HistoryPosition last_;
};

TEST_F(HistoryTest, RowsAreWholeAndNewestFirst) {
  Add({.job = "early", .end_time_us = 10});
  Add({.job = "late", .end_time_us = 30});
  Add({.job = "middle", .end_time_us = 20});
  EXPECT_THAT(Jobs({}), ElementsAre("late", "middle", "early"));
  const auto rows = ListHistory(*db_, {}, {}, 1);
  const HistoryRow& row = rows->front();
  EXPECT_EQ(row.display_name, "name of late");
  EXPECT_EQ(row.position.end_time_us, 30);
  EXPECT_EQ(row.comparison.baseline, "a");
  EXPECT_EQ(row.comparison.persistent->high, 110);
  EXPECT_EQ(row.sweep.provenance->device_class, "CPU");
}

TEST_F(HistoryTest, SweepsThatHaveNotEndedAreLeftOut) {
  Insert("running");
  Add({.job = "ended", .end_time_us = 10});
  EXPECT_THAT(Jobs({}), ElementsAre("ended"));
}

TEST_F(HistoryTest, PagesJoinWithoutGapsOrRepetitionsAlsoAtEqualTimes) {
  for (const char* job : {"j1", "j2", "j3", "j4", "j5"}) {
    Add({.job = job, .end_time_us = 10});
  }
  EXPECT_THAT(Jobs({}, 2), ElementsAre("j5", "j4"));
  EXPECT_THAT(Jobs({}, 2, last_), ElementsAre("j3", "j2"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::candidate, "b"), 2, last_), ElementsAre("j1"));
  EXPECT_THAT(Jobs({}, 2, last_), IsEmpty());
}

TEST_F(HistoryTest, EachFilterKeepsItsOwn) {
  Add({.job = "one", .end_time_us = 10});
  Add({.job = "other", .candidate = "c", .end_time_us = 20, .metric = kMemory});
  Add({.job = "gpu", .end_time_us = 30, .device_class = "NVIDIA H200", .device = "cuda:0"});
  EXPECT_THAT(Jobs(Only(&HistoryFilter::candidate, "c")), ElementsAre("other"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::baseline, "a")), ElementsAre("gpu", "other", "one"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::baseline, "b")), IsEmpty());
  HistoryFilter both = Only(&HistoryFilter::baseline, "a");
  both.candidate = "b";
  EXPECT_THAT(Jobs(both), ElementsAre("gpu", "one"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::metric, kMemory)), ElementsAre("other"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::mode, 2)), IsEmpty());
  EXPECT_THAT(Jobs(Only(&HistoryFilter::mode, 1)), ElementsAre("gpu", "other", "one"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::dtype, 2)), IsEmpty());
  EXPECT_THAT(Jobs(Only(&HistoryFilter::since_us, 20)), ElementsAre("gpu", "other"));
  for (const char* device : {"NVIDIA H200", "cuda:0", "cuda"}) {
    EXPECT_THAT(Jobs(Only(&HistoryFilter::device, device)), ElementsAre("gpu")) << device;
  }
  EXPECT_THAT(Jobs(Only(&HistoryFilter::device, "cud")), IsEmpty());
}

TEST_F(HistoryTest, VersionsMatchWholeOrUpToADot) {
  Add({.job = "old", .end_time_us = 10, .driver = "550.54.15", .host = "gpu1"});
  Add({.job = "new", .end_time_us = 20, .driver = "5500.1", .host = "gpu2"});
  for (const char* version : {"550", "550.54", "550.54.15"}) {
    EXPECT_THAT(Jobs(Only(&HistoryFilter::driver_version, version)), ElementsAre("old")) << version;
  }
  EXPECT_THAT(Jobs(Only(&HistoryFilter::driver_version, "55")), IsEmpty());
  EXPECT_THAT(Jobs(Only(&HistoryFilter::cusp_version, "0.1")), ElementsAre("new", "old"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::torch_version, "2.1")), IsEmpty());
  EXPECT_THAT(Jobs(Only(&HistoryFilter::host, "gpu2")), ElementsAre("new"));
}

TEST_F(HistoryTest, UntilLeavesOutWhatEndedThenOrLaterOnEveryPage) {
  for (const auto& [job, end] : {std::pair("j1", 10), {"j2", 20}, {"j3", 30}, {"j4", 40}}) {
    Add({.job = job, .end_time_us = end});
  }
  EXPECT_THAT(Jobs(Only(&HistoryFilter::until_us, 40)), ElementsAre("j3", "j2", "j1"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::until_us, 40), 1), ElementsAre("j3"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::until_us, 40), 2, last_), ElementsAre("j2", "j1"));
  EXPECT_THAT(Jobs(Only(&HistoryFilter::until_us, 10)), IsEmpty());
}

}  // namespace
}  // namespace cusp::server
