#include "client/lib/forecast.h"

#include "tests/client/lib/predictable.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

v1::Worker WorkerOf(const std::string& name, const std::string& device, v1::Worker::State state) {
  v1::Worker worker;
  worker.set_name(name);
  worker.set_device(device);
  worker.set_device_class(device == "cpu" ? "Fast CPU" : "NVIDIA H200");
  worker.set_state(state);
  return worker;
}

TEST(ForecastTest, EachSweepHasCostsComparisonsAndAPlan) {
  v1::JobSpec spec = PredictableSpec();
  spec.add_batch_sizes(4);
  const auto forecast = ForecastJob(spec, TwoCoreWorker(), FactorFit("Fast CPU"));
  ASSERT_THAT(forecast, IsOk());
  EXPECT_EQ(forecast->threads, 1);
  ASSERT_EQ(forecast->sweeps.size(), 1U);
  const SweepForecast& sweep = forecast->sweeps[0];
  ASSERT_EQ(sweep.lengths.size(), 3U);
  EXPECT_EQ(sweep.lengths.front(), 64);
  EXPECT_EQ(sweep.lengths.back(), 4096);
  ASSERT_EQ(sweep.costs.size(), 4U);
  EXPECT_EQ(sweep.costs[3].variant, "linformer");
  EXPECT_EQ(sweep.costs[3].batch_size, 4);
  EXPECT_EQ(sweep.costs[3].seconds.size(), 3U);
  EXPECT_EQ(sweep.comparisons.size(), 2U);
  EXPECT_GT(sweep.plan.blocks, 0);
}

TEST(ForecastTest, SpeedThatIsNotKnownIsSaid) {
  v1::JobSpec spec = PredictableSpec();
  spec.set_dtypes(0, v1::DTYPE_BFLOAT16);
  EXPECT_THAT(ForecastJob(spec, TwoCoreWorker(), FactorFit("Fast CPU")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("Fast CPU"), HasSubstr("bfloat16"))));
}

TEST(ForecastTest, LivingWorkerThatServesTheDeviceGetsTheJob) {
  const std::vector<v1::Worker> workers = {
      WorkerOf("workers/gone", "cuda:0", v1::Worker::STATE_LOST),
      WorkerOf("workers/cpu", "cpu", v1::Worker::STATE_IDLE),
      WorkerOf("workers/gpu", "cuda:1", v1::Worker::STATE_BUSY)};
  v1::JobSpec spec;
  for (const auto& [device, worker] :
       {std::pair("auto", "workers/cpu"), std::pair("cuda", "workers/gpu"),
        std::pair("NVIDIA H200", "workers/gpu"), std::pair("cpu", "workers/cpu")}) {
    spec.set_device(device);
    ASSERT_NE(WorkerFor(spec, workers), nullptr) << device;
    EXPECT_EQ(WorkerFor(spec, workers)->name(), worker) << device;
  }
  spec.set_device("NVIDIA A100");
  EXPECT_EQ(WorkerFor(spec, workers), nullptr);
}

}  // namespace
}  // namespace cusp::client
