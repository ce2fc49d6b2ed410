// An archive of one finished job, and changed ones.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "server/api/archive_format.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {

inline ArchiveReader::Source SourceOf(const std::string& bytes) {
  return [&bytes, at = size_t{0}](char* out, size_t size) mutable -> absl::StatusOr<size_t> {
    const size_t n = std::min(size, bytes.size() - at);
    std::memcpy(out, bytes.data() + at, n);
    at += n;
    return n;
  };
}

inline std::string ArchiveOf(const std::vector<v1::ArchiveRecord>& records) {
  std::string bytes;
  ArchiveWriter writer([&bytes](std::string_view piece) {
    bytes += piece;
    return absl::OkStatus();
  });
  EXPECT_THAT(writer.Begin(), IsOk());
  for (const v1::ArchiveRecord& record : records) {
    EXPECT_THAT(writer.Add(record), IsOk());
  }
  EXPECT_THAT(writer.End(), IsOk());
  return bytes;
}

// A job of variants "a" and "b", one sweep, two blocks.
inline std::vector<v1::ArchiveRecord> ExampleRecords() {
  std::vector<v1::ArchiveRecord> records(4);
  v1::Job& job = *records[0].mutable_job()->mutable_job();
  records[0].mutable_job()->set_device("cpu");
  job.set_name("jobs/k3f9");
  job.set_display_name("example");
  job.set_state(v1::Job::STATE_SUCCEEDED);
  job.set_owner("bob");
  job.mutable_create_time()->set_seconds(1000);
  job.mutable_start_time()->set_seconds(1001);
  job.mutable_end_time()->set_seconds(1002);
  job.set_sweeps_total(1);
  job.set_sweeps_ended(1);
  job.mutable_spec()->add_baselines()->set_name("a");
  job.mutable_spec()->add_candidates()->set_name("b");
  job.mutable_spec()->add_modes(v1::MODE_INFERENCE);
  job.mutable_spec()->add_dtypes(v1::DTYPE_FLOAT32);
  v1::ArchivedSweep& archived = *records[1].mutable_sweep();
  v1::Sweep& sweep = *archived.mutable_sweep();
  sweep.set_name("jobs/k3f9/sweeps/1");
  sweep.set_mode(v1::MODE_INFERENCE);
  sweep.set_dtype(v1::DTYPE_FLOAT32);
  sweep.set_state(v1::Sweep::STATE_SUCCEEDED);
  sweep.set_attempt(1);
  sweep.set_worker("workers/far");
  sweep.set_blocks_committed(2);
  sweep.mutable_provenance()->set_device_class("CPU");
  archived.mutable_end_time()->set_seconds(1002);
  archived.set_generation(1);
  archived.set_last_block(2);
  v1::Cost& cost = *archived.mutable_result()->add_costs();
  cost.set_variant("a");
  cost.set_metric(v1::METRIC_LATENCY);
  cost.set_length(64);
  cost.set_outcome(v1::OUTCOME_OK);
  for (int i = 1; i <= 2; ++i) {
    v1::ArchivedBlock& block = *records[static_cast<size_t>(i) + 1].mutable_block();
    block.mutable_block()->set_block(i);
    block.mutable_block()->set_length(64);
    block.set_attempt(1);
    v1::Sample& sample = *block.mutable_block()->add_samples();
    sample.set_variant("a");
    sample.set_metric(v1::METRIC_LATENCY);
    sample.set_outcome(v1::OUTCOME_OK);
    sample.set_value(0.5);
  }
  return records;
}

}  // namespace cusp::server
