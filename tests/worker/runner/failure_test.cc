#include "worker/runner/failure.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

namespace cusp::runner {
namespace {

TEST(FailureTest, StatusOfBodyPassesThrough) {
  EXPECT_TRUE(RunCaught([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(RunCaught([] { return absl::NotFoundError("x"); }), absl::NotFoundError("x"));
}

TEST(FailureTest, DeviceExhaustionIsOutOfMemory) {
  const absl::Status status = RunCaught([]() -> absl::Status {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2 GiB");
    return absl::OkStatus();
  });
  EXPECT_EQ(ToFailure(status).reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_NE(ToFailure(status).message().find("2 GiB"), std::string::npos);
}

TEST(FailureTest, HostExhaustionOfLibTorchIsOutOfMemory) {
  const absl::Status status = RunCaught([]() -> absl::Status {
    TORCH_CHECK(false, "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes");
    return absl::OkStatus();
  });
  EXPECT_EQ(ToFailure(status).reason(), v1::Failure::REASON_OUT_OF_MEMORY);
}

TEST(FailureTest, KernelWithoutMemoryIsTakenApartFromNoKernel) {
  const auto reason = [](const std::string& text) {
    return ToFailure(RunCaught([&]() -> absl::Status { throw std::runtime_error(text); })).reason();
  };
  EXPECT_EQ(reason("could not create a primitive"), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_EQ(reason("could not create a primitive descriptor for the matmul primitive"),
            v1::Failure::REASON_INTERNAL);
}

TEST(FailureTest, BadAllocIsOutOfMemory) {
  const absl::Status status = RunCaught([]() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_EQ(ToFailure(status).reason(), v1::Failure::REASON_OUT_OF_MEMORY);
}

TEST(FailureTest, MissingOperatorIsInvalidConfig) {
  const absl::Status status = RunCaught([]() -> absl::Status {
    TORCH_CHECK_NOT_IMPLEMENTED(false, "not implemented for 'Half'");
    return absl::OkStatus();
  });
  EXPECT_EQ(ToFailure(status).reason(), v1::Failure::REASON_INVALID_CONFIG);
}

TEST(FailureTest, OtherErrorsAreInternalWithoutBacktrace) {
  const absl::Status status = RunCaught([]() -> absl::Status {
    TORCH_CHECK(false, "shapes differ");
    return absl::OkStatus();
  });
  EXPECT_EQ(ToFailure(status).reason(), v1::Failure::REASON_INTERNAL);
  EXPECT_EQ(ToFailure(status).message(), "shapes differ");
}

TEST(FailureTest, ForeignExceptionsAreInternal) {
  const absl::Status known =
      RunCaught([]() -> absl::Status { throw std::runtime_error("broken"); });
  EXPECT_EQ(known, absl::InternalError("broken"));
  const absl::Status unknown = RunCaught([]() -> absl::Status { throw 7; });
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInternal);
}

TEST(FailureTest, LongMessagesAreCut) {
  const std::string text(100000, 'x');
  const absl::Status status = RunCaught([&]() -> absl::Status { throw std::runtime_error(text); });
  EXPECT_LT(status.message().size(), 3000U);
}

TEST(FailureTest, MessagesAreValidUtf8) {
  const auto message = [](const std::string& text) {
    return ToFailure(absl::InternalError(text)).message();
  };
  EXPECT_EQ(message("Nystr\xc3\xb6m \xe2\x80\xa6"), "Nystr\xc3\xb6m \xe2\x80\xa6");
  EXPECT_EQ(message("cut \xe2\x80"), "cut ??");
  EXPECT_EQ(message("\xff\xc3x"), "??x");
}

TEST(FailureTest, StatusCodesMapToReasons) {
  EXPECT_EQ(ToFailure(absl::InvalidArgumentError("")).reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_EQ(ToFailure(absl::NotFoundError("")).reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_EQ(ToFailure(absl::FailedPreconditionError("")).reason(), v1::Failure::REASON_BAD_REQUEST);
  EXPECT_EQ(ToFailure(absl::UnknownError("")).reason(), v1::Failure::REASON_INTERNAL);
}

}  // namespace
}  // namespace cusp::runner
