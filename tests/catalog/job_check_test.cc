#include "catalog/job_check.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "common/random.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

v1::JobSpec GoodJob() {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  spec.add_candidates()->set_model("longformer");
  spec.mutable_candidates(0)->set_config_json(R"({"attention_window": 128})");
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(2048);
  return spec;
}

TEST(JobCheckTest, GoodJobHasNoProblems) {
  for (const Problem& problem : CheckJob(GoodJob())) {
    ADD_FAILURE() << problem.path << ": " << problem.message;
  }
}

TEST(JobCheckTest, ResolvesBaselinesThenCandidates) {
  const auto variants = ResolveVariants(GoodJob());
  ASSERT_TRUE(variants.ok()) << variants.status();
  ASSERT_EQ(variants->size(), 2U);
  EXPECT_EQ((*variants)[0].name, "bert");
  EXPECT_EQ((*variants)[0].attention, "eager");
  EXPECT_EQ((*variants)[1].name, "longformer");
  EXPECT_EQ((*variants)[1].quantum, 128);
}

TEST(JobCheckTest, ImagesAreMeasuredInPixels) {
  v1::JobSpec spec = GoodJob();
  spec.mutable_baselines(0)->set_model("vit-base-16");
  spec.mutable_candidates(0)->set_model("swin");
  spec.mutable_candidates(0)->clear_config_json();
  spec.mutable_lengths()->set_unit(v1::LENGTH_UNIT_PIXELS);
  const auto variants = ResolveVariants(spec);
  ASSERT_TRUE(variants.ok()) << variants.status();
  EXPECT_EQ((*variants)[0].quantum, 16);
  spec.mutable_lengths()->clear_unit();
  EXPECT_TRUE(CheckJob(spec).empty());
}

v1::JobSpec SpeechJob() {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("hubert");
  spec.add_candidates()->set_model("l_hubert");
  spec.mutable_lengths()->set_min(8000);
  spec.mutable_lengths()->set_max(480'000);
  return spec;
}

TEST(JobCheckTest, SpeechIsMeasuredInSamplesOfSeconds) {
  const auto variants = ResolveVariants(SpeechJob());
  ASSERT_TRUE(variants.ok()) << variants.status();
  EXPECT_EQ((*variants)[0].quantum, 320);
  EXPECT_EQ((*variants)[1].quantum, 32'000);
  EXPECT_EQ((*variants)[1].slack, 399);
}

TEST(JobCheckTest, FaultsOfSpeechLengthsAreToldInSeconds) {
  v1::JobSpec spec = SpeechJob();
  spec.mutable_lengths()->set_min(160);
  auto problems = CheckJob(spec);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(
      problems[0].message,
      "'hubert' takes no length below 0.025, but lengths start at 0.01: its first frame takes "
      "400 samples; start lengths at 0.025 or change its config");
  spec = SpeechJob();
  spec.mutable_lengths()->set_max(57'600'001);
  problems = CheckJob(spec);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].message, HasSubstr("lengths end at 3600"));
  spec = SpeechJob();
  spec.mutable_candidates(0)->set_model("longformer");
  problems = CheckJob(spec);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].message, HasSubstr("longformer takes tokens, but hubert takes seconds"));
}

TEST(JobCheckTest, ResolvingABadJobNamesTheFirstProblem) {
  v1::JobSpec spec = GoodJob();
  spec.set_threads(-1);
  const auto variants = ResolveVariants(spec);
  EXPECT_EQ(variants.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(variants.status().message()), HasSubstr("threads: threads is -1"));
}

struct BadJob {
  const char* name;
  std::function<void(v1::JobSpec&)> spoil;
  const char* path;
  const char* message;
};

class BadJobTest : public ::testing::TestWithParam<BadJob> {};

TEST_P(BadJobTest, IsRefusedWithPathAndRemedy) {
  v1::JobSpec spec = GoodJob();
  GetParam().spoil(spec);
  const auto problems = CheckJob(spec);
  ASSERT_EQ(problems.size(), 1U) << (problems.size() > 1 ? problems[1].message : "");
  EXPECT_EQ(problems[0].path, GetParam().path);
  EXPECT_THAT(problems[0].message, HasSubstr(GetParam().message));
}

void SetLengths(v1::JobSpec& spec, std::initializer_list<int64_t> list) {
  spec.clear_lengths();
  for (const int64_t length : list) {
    spec.mutable_lengths()->add_list(length);
  }
}

using S = v1::JobSpec;

INSTANTIATE_TEST_SUITE_P(
    Lists, BadJobTest,
    ::testing::Values(
        BadJob{"NoBaselines", [](S& s) { s.clear_baselines(); }, "baselines", "is empty"},
        BadJob{"NoCandidates", [](S& s) { s.clear_candidates(); }, "candidates", "is empty"},
        BadJob{"TwinNames", [](S& s) { s.mutable_candidates(0)->set_name("bert"); },
               "candidates[0].name", "'bert' is taken by baselines[0]"},
        BadJob{"ManyVariants",
               [](S& s) {
                 for (int i = 0; i < 100; ++i) s.add_candidates()->set_model("bert");
               },
               "candidates", "at most 64"},
        BadJob{"UnknownMode", [](S& s) { s.add_modes(static_cast<v1::Mode>(77)); }, "modes[0]",
               "unknown value 77"},
        BadJob{"Decode", [](S& s) { s.add_modes(v1::MODE_DECODE); }, "candidates[0].model",
               "longformer cannot run in mode decode"},
        BadJob{"SameAgain", [](S& s) { s.add_metrics(v1::METRIC_SAME_AGAIN); }, "metrics[0]",
               "energy, flops or components"},
        BadJob{"FirstToken", [](S& s) { s.add_metrics(v1::METRIC_FIRST_TOKEN); }, "metrics[0]",
               "energy, flops or components"},
        BadJob{"TwinModes",
               [](S& s) {
                 s.add_modes(v1::MODE_TRAINING);
                 s.add_modes(v1::MODE_TRAINING);
               },
               "modes[1]", "training stands twice"},
        BadJob{"EnergyOfDecoding",
               [](S& s) {
                 s.add_modes(v1::MODE_DECODE);
                 s.mutable_candidates(0)->set_model("linear_transformer");
                 s.mutable_candidates(0)->clear_config_json();
                 s.add_metrics(v1::METRIC_ENERGY);
               },
               "metrics[0]", "would count"},
        BadJob{"UnknownDType", [](S& s) { s.add_dtypes(static_cast<v1::DType>(9)); }, "dtypes[0]",
               "use float32, bfloat16 or float16"},
        BadJob{"ZeroBatch", [](S& s) { s.add_batch_sizes(0); }, "batch_size[0]", "use 1 to 65536"},
        BadJob{"TwinBatch",
               [](S& s) {
                 s.add_batch_sizes(4);
                 s.add_batch_sizes(4);
               },
               "batch_size[1]", "twice"}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lengths, BadJobTest,
    ::testing::Values(
        BadJob{"None", [](S& s) { s.clear_lengths(); }, "lengths", "lengths are missing"},
        BadJob{"Reversed", [](S& s) { s.mutable_lengths()->set_min(4096); }, "lengths.min",
               "min 4096 is greater than max 2048"},
        BadJob{"Negative", [](S& s) { s.mutable_lengths()->set_min(-1); }, "lengths.min",
               "lengths start at 1"},
        BadJob{"Endless", [](S& s) { s.mutable_lengths()->set_max(4'000'001); }, "lengths.max",
               "lengths end at 4000000"},
        BadJob{"Farther",
               [](S& s) { s.mutable_lengths()->set_max(std::numeric_limits<int64_t>::max()); },
               "lengths.max", "lengths end at 4000000"},
        BadJob{"Seconds", [](S& s) { s.mutable_lengths()->set_unit(v1::LENGTH_UNIT_SECONDS); },
               "lengths.unit", "are in tokens, not seconds"},
        BadJob{"TwoModalities", [](S& s) { s.add_candidates()->set_model("vit"); }, "candidates[1]",
               "compare models of one modality"},
        BadJob{"NegativeQuantum", [](S& s) { s.mutable_lengths()->set_quantum(-5); },
               "lengths.quantum", "use 1 or more"},
        BadJob{"NoMultiple", [](S& s) { s.mutable_lengths()->set_quantum(5000); },
               "lengths.quantum", "no multiple"},
        BadJob{"Unsorted",
               [](S& s) {
                 SetLengths(s, {200, 100});
               },
               "lengths.list[1]", "ascending order"},
        BadJob{"TwinLengths",
               [](S& s) {
                 SetLengths(s, {200, 300, 300});
               },
               "lengths.list[2]", "once"},
        BadJob{"ZeroLength",
               [](S& s) {
                 SetLengths(s, {0, 100});
               },
               "lengths.list[0]", "from 1"},
        BadJob{"ListAndRange", [](S& s) { s.mutable_lengths()->add_list(100); }, "lengths",
               "leave them out"}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, BadJobTest,
    ::testing::Values(
        BadJob{"Threads", [](S& s) { s.set_threads(1025); }, "threads", "use 1 to 1024"},
        BadJob{"Precision", [](S& s) { s.set_precision(0.9); }, "precision", "0.001 to 0.5"},
        BadJob{"NanPrecision",
               [](S& s) { s.set_precision(std::numeric_limits<double>::quiet_NaN()); }, "precision",
               "0.001 to 0.5"},
        BadJob{"LongBudget", [](S& s) { s.mutable_budget()->set_seconds(1LL << 62); }, "budget",
               "7 days"},
        BadJob{"NoBudget", [](S& s) { s.mutable_budget()->set_nanos(5); }, "budget", "1 second"},
        BadJob{"Preset", [](S& s) { s.set_preset("huge"); }, "preset", "unknown preset 'huge'"},
        BadJob{"LongName", [](S& s) { s.set_name(std::string(129, 'n')); }, "name",
               "longer than 128"},
        BadJob{"ControlName", [](S& s) { s.set_name("a\nb"); }, "name", "control characters"},
        BadJob{"Device", [](S& s) { s.set_device("\x1b[2J"); }, "device", "no printable text"},
        BadJob{"Gpu", [](S& s) { s.set_device("gpu"); }, "device", "write cuda"},
        BadJob{"Large", [](S& s) { s.set_device(std::string(300'000, 'x')); }, "", "256 KiB"}),
    [](const auto& instance) { return instance.param.name; });

TEST(JobCheckTest, SeveralProblemsAreAllTold) {
  v1::JobSpec spec = GoodJob();
  spec.set_threads(-1);
  spec.set_preset("x");
  spec.mutable_lengths()->set_min(0);
  EXPECT_EQ(CheckJob(spec).size(), 3U);
}

TEST(JobCheckTest, HostileListsAreBounded) {
  v1::JobSpec spec = GoodJob();
  for (int i = 0; i < 100'000; ++i) {
    spec.add_modes(static_cast<v1::Mode>(1000 + i % 7));
  }
  EXPECT_LE(CheckJob(spec).size(), 100U);
}

TEST(JobCheckTest, DamagedSpecsNeverCrash) {
  const google::protobuf::LogSilencer quiet;
  Random random(7);
  const std::string good = GoodJob().SerializeAsString();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (size_t edits = 1 + random.Below(4); edits > 0; --edits) {
      bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    }
    v1::JobSpec spec;
    if (spec.ParseFromString(bytes)) {
      EXPECT_EQ(CheckJob(spec).empty(), ResolveVariants(spec).ok());
    }
  }
}

}  // namespace
}  // namespace cusp::catalog
