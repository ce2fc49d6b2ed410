#include "client/cli/provenance_text.h"

#include <gmock/gmock.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Job MeasuredJob() {
  v1::Job job = ExampleJob();
  job.mutable_spec()->set_seed(3);
  job.mutable_spec()->add_baselines()->set_name("bert");
  job.mutable_spec()->add_candidates()->set_name("mine");
  job.mutable_spec()->mutable_candidates(0)->set_weights_sha256(std::string(64, 'b'));
  v1::Provenance& provenance = *job.mutable_sweeps(0)->mutable_provenance();
  provenance.set_id("0a1b2c3d");
  provenance.set_torch_version("2.11.0");
  provenance.set_number_settings("tf32_matmul=off");
  provenance.set_cpu_governor("performance");
  provenance.set_cpu_min_mhz(800);
  provenance.set_cpu_max_mhz(3500);
  provenance.set_virtual_machine(true);
  v1::SweepConditions& conditions = *provenance.mutable_conditions();
  conditions.mutable_start_time()->set_seconds(1'767'225'660);
  conditions.set_load_average(1.807);
  conditions.set_runnable_threads(2);
  for (const char* name : {"bert", "mine"}) {
    v1::VariantConfig* variant = conditions.add_variants();
    variant->set_variant(name);
    variant->set_config_sha256(std::string(64, 'a'));
  }
  return job;
}

TEST(ProvenanceTextTest, SaysWhenWhereAndWithWhat) {
  const std::string text = RenderProvenance(MeasuredJob());
  for (const char* line :
       {"sweep 1: inference, float32\n", "  provenance  0a1b2c3d\n",
        "  measured    from 2026-01-01 00:01 UTC, load 1.81, 2 other threads running or ready",
        "  device      Fast CPU (cpu)\n", "  host        lab1, a virtual machine\n",
        "  clocks      governor performance, CPU 800 to 3,500 MHz\n",
        "  versions    LibTorch 2.11.0\n", "  threads     1\n", "  numbers     tf32_matmul=off\n",
        "  seed        3\n",
        "  variant     bert: configuration aaaaaaaaaaaaaaaa, weights from seed 3\n",
        "  variant     mine: configuration aaaaaaaaaaaaaaaa, weights bbbbbbbbbbbbbbbb\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ProvenanceTextTest, WhatTheSystemDoesNotTellIsLeftOut) {
  const std::string text = RenderProvenance(ExampleJob());
  EXPECT_THAT(text, HasSubstr("  clocks      not told by the system\n"));
  EXPECT_THAT(text, Not(HasSubstr("measured")));
  EXPECT_THAT(text, Not(HasSubstr("numbers")));
}

TEST(ProvenanceTextTest, GpuTellsItsClocksAndDriver) {
  v1::Job job = ExampleJob();
  v1::Provenance& provenance = *job.mutable_sweeps(0)->mutable_provenance();
  provenance.set_driver_version("570.86");
  provenance.set_device_clock_mhz(1980);
  provenance.set_device_memory_clock_mhz(3201);
  const std::string text = RenderProvenance(job);
  EXPECT_THAT(text, HasSubstr("driver 570.86"));
  EXPECT_THAT(text, HasSubstr("device up to 1,980 MHz, its memory up to 3,201 MHz"));
}

TEST(ProvenanceTextTest, JobThatNobodyTookSaysSo) {
  v1::Job job = ExampleJob();
  job.mutable_sweeps(0)->clear_provenance();
  EXPECT_EQ(RenderProvenance(job), "nothing measured yet\n");
}

TEST(ProvenanceTextTest, NamesFromElsewhereCannotSteerTheTerminal) {
  v1::Job job = ExampleJob();
  job.mutable_sweeps(0)->mutable_provenance()->set_host("h\x1b[2J");
  EXPECT_THAT(RenderProvenance(job), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace cusp::client
