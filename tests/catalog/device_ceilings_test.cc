#include "catalog/device_ceilings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cusp::catalog {
namespace {

void AddThreads(int threads, double flops_per_second, v1::DeviceSpeed& speed) {
  v1::ThreadSpeed& at = *speed.add_threads();
  at.set_threads(threads);
  v1::ProductSpeed& product = *at.add_products();
  product.set_dtype(v1::DTYPE_FLOAT32);
  product.set_flops_per_second(flops_per_second);
  at.set_bytes_per_second(1e10);
  at.set_launch_seconds(1e-6);
}

v1::DeviceSpeed SixteenCores() {
  v1::DeviceSpeed speed;
  AddThreads(1, 1e11, speed);
  AddThreads(16, 8e11, speed);
  return speed;
}

double Flops(const v1::DeviceSpeed& speed, int threads) {
  const auto ceilings = CeilingsFor(speed, threads, v1::DTYPE_FLOAT32);
  return ceilings ? ceilings->flops_per_second : 0;
}

TEST(DeviceCeilingsTest, MeasuredNumbersOfThreadsAreTakenAsTheyAre) {
  EXPECT_DOUBLE_EQ(Flops(SixteenCores(), 1), 1e11);
  EXPECT_DOUBLE_EQ(Flops(SixteenCores(), 16), 8e11);
}

TEST(DeviceCeilingsTest, BetweenThemCeilingsFollowAPower) {
  // Four is half of the way from 1 to 16, by ratios.
  EXPECT_NEAR(Flops(SixteenCores(), 4), 1e11 * std::sqrt(8.0), 1e3);
}

TEST(DeviceCeilingsTest, BeyondThemCeilingsStay) {
  EXPECT_DOUBLE_EQ(Flops(SixteenCores(), 64), 8e11);
  v1::DeviceSpeed gpu;
  AddThreads(32, 5e13, gpu);
  EXPECT_DOUBLE_EQ(Flops(gpu, 1), 5e13);
}

TEST(DeviceCeilingsTest, WhatWasNotMeasuredIsNotKnown) {
  EXPECT_FALSE(CeilingsFor(v1::DeviceSpeed(), 1, v1::DTYPE_FLOAT32));
  EXPECT_FALSE(CeilingsFor(SixteenCores(), 1, v1::DTYPE_BFLOAT16));
  v1::DeviceSpeed idle;
  AddThreads(1, 0, idle);
  EXPECT_FALSE(CeilingsFor(idle, 1, v1::DTYPE_FLOAT32));
}

}  // namespace
}  // namespace cusp::catalog
