#include "server/api/translate.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

TEST(TranslateTest, ProvenanceSurvivesTheRoundTrip) {
  const v1::Provenance provenance = SomeProvenance();
  EXPECT_EQ(ToProto(*FromProto(provenance)).SerializeAsString(), provenance.SerializeAsString());
}

TEST(TranslateTest, SpeedSurvivesTheRoundTripAndIsBounded) {
  v1::DeviceSpeed speed;
  speed.add_threads()->set_bytes_per_second(1e10);
  Worker worker;
  worker.speed = *FromProto(speed);
  EXPECT_EQ(ToProto(worker).speed().threads(0).bytes_per_second(), 1e10);
  Sweep sweep;
  EXPECT_FALSE(ToProto(sweep, "j").has_device_speed());
  sweep.device_speed = worker.speed;
  EXPECT_EQ(ToProto(sweep, "j").device_speed().threads_size(), 1);
  for (int i = 0; i < 1000; ++i) {
    speed.add_threads()->set_bytes_per_second(1e10);
  }
  EXPECT_THAT(FromProto(speed), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TranslateTest, FailureIsBounded) {
  v1::Failure failure;
  failure.set_reason(v1::Failure::REASON_CRASHED);
  failure.set_message(std::string(100000, 'x'));
  const Failure stored = FromProto(failure);
  EXPECT_EQ(stored.reason, v1::Failure::REASON_CRASHED);
  EXPECT_EQ(stored.message.size(), 4096U);
}

TEST(TranslateTest, EveryFieldOfAProvenanceSurvives) {
  v1::Provenance provenance = SomeProvenance();
  const auto* reflection = provenance.GetReflection();
  const auto* descriptor = v1::Provenance::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        reflection->SetString(&provenance, field, field->name());
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(&provenance, field, i + 1);
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(&provenance, field, i + 1);
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&provenance, field, true);
        break;
      default:
        ASSERT_EQ(field->name(), "conditions");
    }
  }
  provenance.clear_id();  // the store's to give
  provenance.mutable_conditions()->mutable_start_time()->set_seconds(1'700'000'000);
  provenance.mutable_conditions()->set_load_average(0.25);
  provenance.mutable_conditions()->set_runnable_threads(4);
  provenance.mutable_conditions()->add_variants()->set_variant("bert");
  provenance.mutable_conditions()->mutable_variants(0)->set_config_sha256("ab");
  EXPECT_EQ(ToProto(*FromProto(provenance)).SerializeAsString(), provenance.SerializeAsString());
}

TEST(TranslateTest, TimesOutsideOfTheCalendarAreCutToIt) {
  EXPECT_EQ(FromTimestamp(ToTimestamp(1'700'000'000'000'123)), 1'700'000'000'000'123);
  google::protobuf::Timestamp time;
  time.set_seconds(INT64_MAX);
  EXPECT_EQ(FromTimestamp(time), 253'402'300'799'000'000);
  time.set_seconds(INT64_MIN);
  time.set_nanos(-1);
  EXPECT_EQ(FromTimestamp(time), 0);
}

TEST(TranslateTest, OverlongProvenanceIsRefused) {
  v1::Provenance conditions = SomeProvenance();
  for (int i = 0; i < 1000; ++i) {
    conditions.mutable_conditions()->add_variants()->set_config_sha256(std::string(64, 'a'));
  }
  EXPECT_THAT(FromProto(conditions), StatusIs(absl::StatusCode::kInvalidArgument));
  v1::Provenance provenance = SomeProvenance();
  provenance.set_affinity(std::string(5000, '1'));
  EXPECT_THAT(FromProto(provenance), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TranslateTest, JobHasWhatIsKnownOfItAndNoMore) {
  Job job;
  job.public_id = "abc";
  job.state = JobState::kRunning;
  job.create_time_us = 1'000'000;
  job.sweeps.resize(2);
  job.sweeps[0].number = 1;
  job.sweeps[0].worker = "w";
  job.sweeps[1].number = 2;
  job.sweeps[1].state = SweepState::kFailed;
  job.sweeps[1].failure = Failure{v1::Failure::REASON_CRASHED, "it died"};
  const v1::Job out = ToProto(job);
  EXPECT_EQ(out.name(), "jobs/abc");
  EXPECT_EQ(out.create_time().seconds(), 1);
  EXPECT_FALSE(out.has_start_time());
  EXPECT_FALSE(out.has_end_time());
  EXPECT_FALSE(out.has_spec());
  EXPECT_EQ(out.sweeps(0).worker(), "workers/w");
  EXPECT_FALSE(out.sweeps(0).has_failure());
  EXPECT_EQ(out.sweeps(1).name(), "jobs/abc/sweeps/2");
  EXPECT_EQ(out.sweeps(1).worker(), "");
  EXPECT_EQ(out.sweeps(1).failure().message(), "it died");
}

TEST(TranslateTest, TimesKeepTheirMicroseconds) {
  EXPECT_EQ(ToTimestamp(1'500'001).seconds(), 1);
  EXPECT_EQ(ToTimestamp(1'500'001).nanos(), 500'001'000);
}

}  // namespace
}  // namespace cusp::server
