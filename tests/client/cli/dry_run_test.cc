#include "client/cli/dry_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"
#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSpec[] =
    "name: two\npreset: small\nbaselines: [bert]\ncandidates: [linformer]\n"
    "modes: [inference]\nmetrics: [latency]\nlengths: {min: 64, max: 4096}\nthreads: 1\n";

// Through `cusp submit --dry-run`.
class DryRunTest : public CliTest {
 protected:
  DryRunTest() : file_(temp_.Write("job.yaml", kSpec)) {
    coordinator_.workers.list = [this](const auto&, auto& response) {
      if (has_worker_) {
        *response.add_workers() = TwoCoreWorker();
      }
      return grpc::Status::OK;
    };
    coordinator_.jobs.list = [this](const auto&, auto& response) {
      *response.add_jobs() = job_;
      return grpc::Status::OK;
    };
    coordinator_.jobs.submit = [](const auto&, auto&) {
      ADD_FAILURE() << "a job was queued";
      return grpc::Status::OK;
    };
  }

  std::string file_;
  bool has_worker_ = true;
};

TEST_F(DryRunTest, PredictsOnTheWorkerThatWouldGetTheJob) {
  const CuspResult result = CallCusp({"submit", file_, "--dry-run"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("candidates   linformer\n"),
                                HasSubstr("predicted for Fast CPU"), HasSubstr("the usual")));
}

TEST_F(DryRunTest, LearnsFromFinishedJobsOnThatDevice) {
  job_ = PredictableJob();
  result_.clear_costs();
  for (int64_t length = 64; length < 64 + 16; ++length) {
    *result_.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, length, 1);
  }
  EXPECT_THAT(CallCusp({"submit", file_, "--dry-run"}).out,
              HasSubstr("fitted to 16 costs that were measured on it"));
}

TEST_F(DryRunTest, WithoutAWorkerThePlanAloneIsPrinted) {
  has_worker_ = false;
  const CuspResult result = CallCusp({"submit", file_, "--dry-run"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, Not(HasSubstr("predicted")));
  EXPECT_THAT(result.err, HasSubstr("no prediction: no worker has the device `auto`"));
}

TEST_F(DryRunTest, WithoutACoordinatorThePlanAloneIsPrinted) {
  unsetenv("CUSP_SERVER");
  const CuspResult result = CallCusp({"submit", file_, "--dry-run"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("candidates   linformer\n"));
  EXPECT_THAT(result.err, HasSubstr("no prediction: no coordinator is configured"));
}

TEST_F(DryRunTest, JsonHasThePredictionBesideTheJob) {
  auto json = nlohmann::json::parse(CallCusp({"submit", file_, "--dry-run", "--json"}).out);
  EXPECT_EQ(json["name"], "two");
  EXPECT_EQ(json["prediction"]["sweeps"][0]["dtype"], "float32");
  has_worker_ = false;
  json = nlohmann::json::parse(CallCusp({"submit", file_, "--dry-run", "--json"}).out);
  EXPECT_TRUE(json["prediction"].is_null());
  EXPECT_THAT(json["no_prediction"].get<std::string>(), HasSubstr("no worker"));
}

}  // namespace
}  // namespace cusp::client
