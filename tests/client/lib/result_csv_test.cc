#include "client/lib/result_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/job_check.h"
#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ResultCsvTest, CostsHaveMediansAndOomAndLeaveOutCrashes) {
  EXPECT_EQ(
      CostsCsv(ExampleJob(), ExampleResult()),
      "variant,length,value,metric,mode,dtype,low,high,samples,batch_size,outcome,length_unit,"
      "tokens\n"
      "bert,64,0.00125,latency,inference,float32,0.000625,0.0025,20,1,ok,tokens,64\n"
      "longformer,64,0.0025,latency,inference,float32,0.00125,0.005,20,1,ok,tokens,64\n"
      "bert,4096,0.25,latency,inference,float32,0.125,0.5,20,1,ok,tokens,4096\n"
      "longformer,4096,0.125,latency,inference,float32,0.0625,0.25,20,1,ok,tokens,4096\n"
      "bert,64,25165824,peak_memory,inference,float32,12582912,50331648,20,1,ok,tokens,64\n"
      "longformer,64,50331648,peak_memory,inference,float32,25165824,100663296,20,1,ok,tokens,64\n"
      "bert,4096,oom,peak_memory,inference,float32,,,20,1,oom,tokens,4096\n");
}

TEST(ResultCsvTest, SamplesHaveBlockAndOrder) {
  v1::Block block;
  block.set_block(7);
  block.set_length(128);
  block.set_batch_size(2);
  v1::Sample* sample = block.add_samples();
  sample->set_variant("a, \"b\"");
  sample->set_metric(v1::METRIC_LATENCY);
  sample->set_value(0.5);
  sample->set_outcome(v1::OUTCOME_OK);
  sample->set_calls(3);
  sample->set_order(1);
  block.add_samples()->set_outcome(v1::OUTCOME_TIMED_OUT);
  EXPECT_EQ(SamplesCsv::Header(),
            "variant,length,value,metric,mode,dtype,block,order,calls,batch_size,outcome,"
            "padding_quantum,padding_slack,analysis_seed,exact,left_out,length_unit,tokens,"
            "resolution\n");
  v1::Job job = ExampleJob();
  job.mutable_spec()->set_seed(18446744073709551615U);
  EXPECT_EQ(SamplesCsv(job, ExampleResult()).Rows(job.sweeps(0), block),
            "\"a, \"\"b\"\"\",128,0.5,latency,inference,float32,7,1,3,2,ok,"
            ",,18446744073709551615,no,,tokens,128,\n");
}

TEST(ResultCsvTest, SecondSampleOfTheCheckIsLeftOutOfTheAnalysis) {
  v1::Block block;
  block.set_length(128);
  v1::Sample* sample = block.add_samples();
  sample->set_variant("bert");
  sample->set_metric(v1::METRIC_SAME_AGAIN);
  sample->set_value(0.5);
  sample->set_outcome(v1::OUTCOME_OK);
  const v1::Job job = ExampleJob();
  const std::string row = SamplesCsv(job, ExampleResult()).Rows(job.sweeps(0), block);
  EXPECT_THAT(row, StartsWith("bert,128,0.5,same_again,inference,"));
  EXPECT_THAT(row, HasSubstr(",no,not_compared,tokens,128,\n"));
}

TEST(ResultCsvTest, WhatTheJobComparedBesideIsAnalysedToo) {
  v1::Block block;
  block.set_length(128);
  v1::Sample* sample = block.add_samples();
  sample->set_variant("bert");
  sample->set_metric(v1::METRIC_FORWARD);
  sample->set_value(0.5);
  sample->set_outcome(v1::OUTCOME_OK);
  const v1::Job job = ExampleJob();
  v1::JobResult result = ExampleResult();
  EXPECT_THAT(SamplesCsv(job, result).Rows(job.sweeps(0), block), HasSubstr(",not_compared,"));
  *result.add_comparisons() = result.comparisons(0);
  result.mutable_comparisons()->rbegin()->set_metric(v1::METRIC_FORWARD);
  EXPECT_THAT(SamplesCsv(job, result).Rows(job.sweeps(0), block), HasSubstr(",no,,tokens,128"));
}

TEST(ResultCsvTest, SamplesBearTheirVariantsPadding) {
  v1::Job job = ExampleJob();
  v1::JobSpec& spec = *job.mutable_spec();
  spec.set_name("padded");
  spec.set_preset("tiny");
  spec.add_modes(v1::MODE_INFERENCE);
  spec.add_metrics(v1::METRIC_PEAK_MEMORY);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(512);
  spec.add_baselines()->set_model("bert");
  v1::VariantSpec* padded = spec.add_candidates();
  padded->set_model("longformer");
  padded->set_config_json(R"({"attention_window": 32})");
  catalog::ApplyDefaults(spec);
  v1::Block block;
  for (const char* variant : {"bert", "longformer"}) {
    v1::Sample* sample = block.add_samples();
    sample->set_variant(variant);
    sample->set_value(1);
    sample->set_metric(v1::METRIC_PEAK_MEMORY);
    sample->set_outcome(v1::OUTCOME_OK);
  }
  const std::string rows = SamplesCsv(job, v1::JobResult()).Rows(job.sweeps(0), block);
  EXPECT_THAT(rows, AllOf(HasSubstr("bert,0,1,"), HasSubstr(",ok,1,0,0,yes,,tokens,0,524288\n"),
                          HasSubstr(",ok,32,0,0,yes,,tokens,0,524288\n")));
}

TEST(ResultCsvTest, SamplesOfAPointThatFailedLaterAreMarked) {
  v1::Block block;
  block.set_length(4096);
  block.set_batch_size(1);
  for (const char* variant : {"bert", "longformer"}) {
    v1::Sample* sample = block.add_samples();
    sample->set_variant(variant);
    sample->set_value(1);
    sample->set_metric(v1::METRIC_PEAK_MEMORY);
    sample->set_outcome(v1::OUTCOME_OK);
  }
  const v1::Job job = ExampleJob();
  const std::string rows = SamplesCsv(job, ExampleResult()).Rows(job.sweeps(0), block);
  EXPECT_THAT(rows, HasSubstr(",yes,,tokens,4096,524288\nlongformer,"));  // bert's ends empty
  EXPECT_THAT(rows, EndsWith(",yes,crashed,tokens,4096,524288\n"));
}

TEST(ResultCsvTest, DecodedTokensAreNotPadded) {
  v1::Job job = SpeechJob();
  job.mutable_sweeps(0)->set_mode(v1::MODE_DECODE);
  v1::Block block;
  v1::Sample* sample = block.add_samples();
  sample->set_variant("l_hubert");
  sample->set_outcome(v1::OUTCOME_OK);
  EXPECT_THAT(SamplesCsv(job, v1::JobResult()).Rows(job.sweeps(0), block),
              HasSubstr(",ok,0.0000625,0,0,no,"));
}

TEST(ResultCsvTest, SpeechIsInSecondsWithItsTokens) {
  v1::JobResult result;
  *result.add_costs() = MakeCost("l_hubert", v1::METRIC_LATENCY, 8000, 0.00125);
  EXPECT_THAT(CostsCsv(SpeechJob(), result), HasSubstr("\nl_hubert,0.5,0.00125,latency,"));
  EXPECT_THAT(CostsCsv(SpeechJob(), result), EndsWith(",ok,seconds,24\n"));
  v1::Block block;
  block.set_length(8320);
  v1::Sample* sample = block.add_samples();
  sample->set_variant("l_hubert");
  sample->set_metric(v1::METRIC_LATENCY);
  sample->set_outcome(v1::OUTCOME_OK);
  const v1::Job job = SpeechJob();
  const std::string rows = SamplesCsv(job, result).Rows(job.sweeps(0), block);
  EXPECT_THAT(rows, StartsWith("l_hubert,0.52,"));
  EXPECT_THAT(rows, HasSubstr(",ok,2,0.0249375,0,no,,seconds,25,\n"));
}

}  // namespace
}  // namespace cusp::client
