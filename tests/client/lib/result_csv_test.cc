#include "client/lib/result_csv.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(ResultCsvTest, CostsHaveMediansAndOomAndLeaveOutCrashes) {
  EXPECT_EQ(CostsCsv(ExampleResult()),
            "variant,length,value,metric,mode,dtype,low,high,samples,batch_size,outcome\n"
            "bert,64,0.00125,latency,inference,float32,0.000625,0.0025,20,1,ok\n"
            "longformer,64,0.0025,latency,inference,float32,0.00125,0.005,20,1,ok\n"
            "bert,4096,0.25,latency,inference,float32,0.125,0.5,20,1,ok\n"
            "longformer,4096,0.125,latency,inference,float32,0.0625,0.25,20,1,ok\n"
            "bert,64,25165824,peak_memory,inference,float32,12582912,50331648,20,1,ok\n"
            "longformer,64,50331648,peak_memory,inference,float32,25165824,100663296,20,1,ok\n"
            "bert,4096,oom,peak_memory,inference,float32,,,20,1,oom\n");
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
  EXPECT_EQ(SamplesCsvHeader(),
            "variant,length,value,metric,mode,dtype,block,order,calls,batch_size,outcome\n");
  EXPECT_EQ(SamplesCsvRows(ExampleJob().sweeps(0), block),
            "\"a, \"\"b\"\"\",128,0.5,latency,inference,float32,7,1,3,2,ok\n");
}

}  // namespace
}  // namespace cusp::client
