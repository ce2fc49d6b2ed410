#include "server/api/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "common/file.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ServiceFigures Some() {
  ServiceFigures figures;
  figures.queue.jobs_by_state[static_cast<size_t>(JobState::kQueued)] = 3;
  figures.queue.sweeps_running = 2;
  figures.workers_by_state = {{"idle", 1}};
  figures.commits.counts = {.jobs_submitted = 7, .blocks = 8, .samples = 90};
  figures.commits.seconds.counts[0] = 2;
  figures.commits.seconds.counts[3] = 1;
  figures.commits.seconds.counts.back() = 1;
  figures.commits.seconds.sum = 6.5;
  figures.calls[{"JobService/SubmitJob", "OK"}] = 7;
  figures.disk = {.database_bytes = 4096, .wal_bytes = -1, .free_bytes = 1 << 20, .total_bytes = 2};
  figures.uptime_seconds = 12.5;
  figures.schema_version = 6;
  return figures;
}

TEST(MetricsTextTest, ValuesStandBehindTheirLabels) {
  const std::string text = MetricsText(Some());
  EXPECT_THAT(text, HasSubstr("\ncusp_jobs{state=\"queued\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_jobs{state=\"held\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_sweeps{state=\"running\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_samples_committed_total 90\n"));
  EXPECT_THAT(text,
              HasSubstr("\ncusp_calls_total{method=\"JobService/SubmitJob\",status=\"OK\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_uptime_seconds 12.5\n"));
  EXPECT_THAT(text, HasSubstr(",schema=\"6\"} 1\n"));
}

TEST(MetricsTextTest, BucketsAddUp) {
  const std::string text = MetricsText(Some());
  EXPECT_THAT(text, HasSubstr("\ncusp_commit_seconds_bucket{le=\"0.0005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_commit_seconds_bucket{le=\"0.005\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_commit_seconds_bucket{le=\"5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_commit_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("\ncusp_commit_seconds_sum 6.5\ncusp_commit_seconds_count 4\n"));
}

TEST(MetricsTextTest, WhatIsNotKnownIsLeftOut) {
  EXPECT_THAT(MetricsText(Some()), Not(HasSubstr("cusp_wal_bytes")));
}

TEST(MetricsTextTest, LabelsAreEscaped) {
  ServiceFigures figures = Some();
  figures.calls[{"a\"b\\c\nd", "OK"}] = 1;
  EXPECT_THAT(MetricsText(figures), HasSubstr("method=\"a\\\"b\\\\c\\nd\""));
}

// Each name once with HELP and TYPE before its values, as the format wants it, and
// explained to operators.
TEST(MetricsTextTest, EveryNameIsIntroducedOnceAndDocumented) {
  ServiceFigures figures = Some();
  figures.disk.wal_bytes = 1;
  const auto documentation = ReadFile(SourceFolder() + "/docs/operations.md", 1 << 20);
  ASSERT_THAT(documentation, IsOk());
  std::set<std::string> introduced;
  std::istringstream lines(MetricsText(figures));
  std::string hash, word, name;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    if (line.starts_with("# TYPE")) {
      fields >> hash >> word >> name;
      EXPECT_TRUE(introduced.insert(name).second) << name;
      EXPECT_THAT(*documentation, HasSubstr("`" + name + "`"));
    } else if (!line.starts_with("#")) {
      EXPECT_TRUE(line.starts_with(name)) << line;
    }
  }
  EXPECT_GE(introduced.size(), 13U);
}

}  // namespace
}  // namespace cusp::server
