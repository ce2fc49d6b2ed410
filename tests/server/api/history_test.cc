#include "server/api/history.h"

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class HistoryServiceTest : public ServiceTest {
 protected:
  // Measures `spec` to its end, at the time that the clock shows.
  std::string Measure(const v1::JobSpec& spec) {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = spec;
    const auto job = Submit(request);
    EXPECT_THAT(job, IsOk());
    const std::string attempt = Lease("w");
    EXPECT_THAT(SendBlock(attempt, 1), IsOk());
    EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
    return job->name();
  }

  absl::StatusOr<v1::ListHistoryResponse> History(const v1::ListHistoryRequest& request) {
    grpc::ClientContext context;
    v1::ListHistoryResponse response;
    const grpc::Status status = results_->ListHistory(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }
};

TEST_F(HistoryServiceTest, EntryHasAllThatTellsResultsApart) {
  const std::string job = Measure(SmallSpec());
  const auto history = History({});
  ASSERT_THAT(history, IsOk());
  ASSERT_THAT(history->entries(), SizeIs(1));
  const v1::HistoryEntry& entry = history->entries(0);
  EXPECT_EQ(entry.job(), job);
  EXPECT_EQ(entry.display_name(), "small");
  EXPECT_EQ(entry.comparison().SerializeAsString(),
            SomeResult().comparisons(0).SerializeAsString());
  EXPECT_EQ(entry.unit(), v1::LENGTH_UNIT_TOKENS);
  EXPECT_EQ(entry.provenance().device_class(), "Fake CPU");
  EXPECT_THAT(entry.provenance().id(), SizeIs(8));
  EXPECT_GT(entry.end_time().seconds(), 0);
}

TEST_F(HistoryServiceTest, SeriesIsThatOfTheSameQuestion) {
  Measure(SmallSpec());
  v1::JobSpec again = SmallSpec();
  again.set_name("again");
  again.set_seed(7);
  again.set_precision(0.2);
  again.set_threads(1);
  Measure(again);
  v1::JobSpec wider = SmallSpec();
  wider.mutable_lengths()->set_max(4096);
  Measure(wider);
  v1::JobSpec other = SmallSpec();
  other.mutable_candidates(0)->set_config_json(R"({"attention_window": 64})");
  Measure(other);
  v1::JobSpec larger = SmallSpec();
  larger.set_preset("base");
  Measure(larger);
  const auto history = History({});
  ASSERT_THAT(history->entries(), SizeIs(5));
  const std::string& first = history->entries(4).series();
  EXPECT_EQ(history->entries(3).series(), first);
  EXPECT_NE(history->entries(2).series(), first);
  EXPECT_NE(history->entries(1).series(), first);
  EXPECT_NE(history->entries(0).series(), first);
  EXPECT_NE(history->entries(0).series(), history->entries(1).series());
}

TEST_F(HistoryServiceTest, PagesFollowOneAnother) {
  for (int i = 0; i < 3; ++i) {
    Measure(SmallSpec());
  }
  v1::ListHistoryRequest request;
  request.set_page_size(2);
  request.set_candidate("longformer");
  const auto first = History(request);
  ASSERT_THAT(first->entries(), SizeIs(2));
  request.set_page_token(first->next_page_token());
  const auto second = History(request);
  ASSERT_THAT(second->entries(), SizeIs(1));
  EXPECT_NE(second->entries(0).job(), first->entries(1).job());
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(HistoryServiceTest, FiltersReachTheStore) {
  Measure(SmallSpec());
  const auto found = [&](const auto& set) {
    v1::ListHistoryRequest request;
    set(request);
    const auto history = History(request);
    EXPECT_THAT(history, IsOk());
    return history->entries_size();
  };
  EXPECT_EQ(found([](auto& request) { request.set_baseline("bert"); }), 1);
  EXPECT_EQ(found([](auto& request) { request.set_baseline("longformer"); }), 0);
  EXPECT_EQ(found([](auto& request) { request.set_metric(v1::METRIC_LATENCY); }), 1);
  EXPECT_EQ(found([](auto& request) { request.set_metric(v1::METRIC_ENERGY); }), 0);
  EXPECT_EQ(found([](auto& request) { request.set_mode(v1::MODE_DECODE); }), 0);
  EXPECT_EQ(found([](auto& request) { request.set_dtype(v1::DTYPE_BFLOAT16); }), 0);
  EXPECT_EQ(found([](auto& request) { request.set_device("cpu"); }), 1);
  EXPECT_EQ(found([](auto& request) { request.set_device("cuda"); }), 0);
  const int64_t now = clock_.WallMicros() / 1'000'000;
  EXPECT_EQ(found([&](auto& request) { request.mutable_since_time()->set_seconds(now - 1); }), 1);
  EXPECT_EQ(found([&](auto& request) { request.mutable_since_time()->set_seconds(now + 1); }), 0);
}

TEST_F(HistoryServiceTest, BadRequestsAreRefused) {
  v1::ListHistoryRequest request;
  request.set_page_token("x");
  EXPECT_THAT(History(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(History(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.clear_page_size();
  request.set_metric(static_cast<v1::Metric>(99));
  EXPECT_THAT(History(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("metric")));
}

}  // namespace
}  // namespace cusp::server
