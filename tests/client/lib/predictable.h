// A small job and a device whose speed is known, for tests of predictions.
#pragma once

#include <utility>

#include "catalog/job_check.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"
#include "cusp/v1/worker.pb.h"

namespace cusp::client {

// bert and linformer, small, inference in float32 over 64 to 4,096 tokens.
inline v1::JobSpec PredictableSpec() {
  v1::JobSpec spec;
  spec.set_name("two");
  spec.set_preset("small");
  spec.add_baselines()->set_model("bert");
  spec.add_candidates()->set_model("linformer");
  spec.add_modes(v1::MODE_INFERENCE);
  spec.add_metrics(v1::METRIC_LATENCY);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(4096);
  spec.set_threads(1);
  catalog::ApplyDefaults(spec);
  return spec;
}

// Two cores: 50 and 90 GFLOP/s, 10 GB/s, 1 µs.
inline v1::DeviceSpeed TwoCores() {
  v1::DeviceSpeed speed;
  for (const auto& [threads, flops] : {std::pair(1, 50e9), std::pair(2, 90e9)}) {
    v1::ThreadSpeed& at = *speed.add_threads();
    at.set_threads(threads);
    v1::ProductSpeed& product = *at.add_products();
    product.set_dtype(v1::DTYPE_FLOAT32);
    product.set_flops_per_second(flops);
    at.set_bytes_per_second(10e9);
    at.set_launch_seconds(1e-6);
  }
  return speed;
}

inline v1::Worker TwoCoreWorker() {
  v1::Worker worker;
  worker.set_name("workers/local");
  worker.set_device_class("Fast CPU");
  worker.set_device("cpu");
  worker.set_cores(2);
  worker.set_state(v1::Worker::STATE_IDLE);
  *worker.mutable_speed() = TwoCores();
  return worker;
}

// The job, measured on that worker.
inline v1::Job PredictableJob() {
  v1::Job job;
  job.set_name("jobs/k3f9x2a1bc");
  job.set_state(v1::Job::STATE_SUCCEEDED);
  *job.mutable_spec() = PredictableSpec();
  v1::Sweep& sweep = *job.add_sweeps();
  sweep.set_mode(v1::MODE_INFERENCE);
  sweep.set_dtype(v1::DTYPE_FLOAT32);
  sweep.set_state(v1::Sweep::STATE_SUCCEEDED);
  sweep.mutable_provenance()->set_device_class("Fast CPU");
  sweep.mutable_provenance()->set_device("cpu");
  sweep.mutable_provenance()->set_threads(1);
  *sweep.mutable_device_speed() = TwoCores();
  return job;
}

}  // namespace cusp::client
