#include "server/api/archive_import.h"

#include <gmock/gmock.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/server/api/archive_example.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

using Records = std::vector<v1::ArchiveRecord>;

absl::StatusOr<ArchiveSummary> Check(const Records& records) {
  const std::string bytes = ArchiveOf(records);
  ArchiveReader reader(SourceOf(bytes));
  return CheckArchive(reader);
}

TEST(ArchiveImportTest, SoundArchiveIsSummarised) {
  const auto summary = Check(ExampleRecords());
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->public_id, "k3f9");
  EXPECT_EQ(summary->content_sha256.size(), 64U);
}

struct Lie {
  const char* what;  // part of the message
  std::function<void(Records&)> tell;
};

// Sound containers whose content is not.
TEST(ArchiveImportTest, LyingArchivesAreRefusedWithTheRecord) {
  const auto job = [](Records& records) -> v1::Job& {
    return *records[0].mutable_job()->mutable_job();
  };
  const auto sweep = [](Records& records) -> v1::ArchivedSweep& {
    return *records[1].mutable_sweep();
  };
  const auto block = [](Records& records) -> v1::Block& {
    return *records[2].mutable_block()->mutable_block();
  };
  const std::vector<Lie> lies = {
      {"no job", [](Records& r) { r.clear(); }},
      {"before its job", [](Records& r) { r.erase(r.begin()); }},
      {"second job", [](Records& r) { r.insert(r.begin(), r[0]); }},
      {"jobs/{id}", [&](Records& r) { job(r).set_name("jobs/../../x"); }},
      {"not ended", [&](Records& r) { job(r).set_state(v1::Job::STATE_RUNNING); }},
      {"not ended", [&](Records& r) { job(r).set_state(static_cast<v1::Job::State>(77)); }},
      {"not in order", [&](Records& r) { job(r).mutable_end_time()->set_seconds(1); }},
      {"no name, or another",
       [&](Records& r) { job(r).mutable_spec()->mutable_candidates(0)->set_name("a"); }},
      {"0 variants",
       [&](Records& r) {
         job(r).mutable_spec()->clear_baselines();
         job(r).mutable_spec()->clear_candidates();
       }},
      {"another number of sweeps", [&](Records& r) { job(r).set_sweeps_total(2); }},
      {"another number of sweeps",
       [&](Records& r) { job(r).mutable_spec()->add_modes(v1::MODE_TRAINING); }},
      {"256 KiB", [&](Records& r) { job(r).mutable_spec()->set_name(std::string(300'000, 'x')); }},
      {"must stand here",
       [&](Records& r) { sweep(r).mutable_sweep()->set_name("jobs/x/sweeps/1"); }},
      {"sweep too many", [](Records& r) { r.push_back(r[1]); }},
      {"mode or number type",
       [&](Records& r) { sweep(r).mutable_sweep()->set_mode(v1::MODE_DECODE); }},
      {"sweep has not ended",
       [&](Records& r) { sweep(r).mutable_sweep()->set_state(v1::Sweep::STATE_RUNNING); }},
      {"cannot be", [&](Records& r) { sweep(r).set_last_block(1); }},
      {"cannot be", [&](Records& r) { sweep(r).set_generation(0); }},
      {"no provenance", [&](Records& r) { sweep(r).mutable_sweep()->clear_provenance(); }},
      {"time of its end", [&](Records& r) { sweep(r).clear_end_time(); }},
      {"workers/{id}", [&](Records& r) { sweep(r).mutable_sweep()->set_worker("workers/a b"); }},
      {"no variant \"c\"",
       [&](Records& r) { sweep(r).mutable_result()->mutable_costs(0)->set_variant("c"); }},
      {"no variant \"d\"", [&](Records& r) { block(r).mutable_samples(0)->set_variant("d"); }},
      {"out of order", [&](Records& r) { block(r).set_block(2); }},
      {"out of order", [&](Records& r) { std::swap(r[2], r[3]); }},
      {"beyond the last", [](Records& r) { r[3].mutable_block()->mutable_block()->set_block(3); }},
      {"not finite",
       [&](Records& r) {
         block(r).mutable_samples(0)->set_value(std::numeric_limits<double>::infinity());
       }},
      {"has 1 blocks and says 2", [](Records& r) { r.pop_back(); }},
      {"before any sweep", [](Records& r) { r.erase(r.begin() + 1); }},
      {"has 0 of the job's 1 sweeps", [](Records& r) { r.resize(1); }},
  };
  for (const Lie& lie : lies) {
    Records records = ExampleRecords();
    lie.tell(records);
    EXPECT_THAT(Check(records), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(lie.what)))
        << lie.what;
    EXPECT_THAT(std::string(Check(records).status().message()), HasSubstr("record "));
  }
}

TEST(ArchiveImportTest, PrunedJobHasNoBlocks) {
  Records records = ExampleRecords();
  records[0].mutable_job()->mutable_job()->mutable_samples_prune_time()->set_seconds(2000);
  EXPECT_THAT(Check(records),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has 2 blocks and says 0")));
  records.resize(2);
  EXPECT_THAT(Check(records), IsOk());
}

}  // namespace
}  // namespace cusp::server
