#include "common/tls_files.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

// Pairs that match are tested with real connections in tests/e2e/tls_test.cc.
TEST(TlsFilesTest, WhatIsNoCertificateIsRefusedWithItsPath) {
  for (const char* text : {"", "junk\n", "-----BEGIN PUBLIC KEY-----\nAAAA\n"}) {
    EXPECT_THAT(CheckCertificates("/a.crt", text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/a.crt: holds")));
  }
}

TEST(TlsFilesTest, ABrokenCertificateIsTold) {
  const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAAAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(CheckCertificates("/a.crt", broken),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("broken")));
  EXPECT_THAT(CheckKeyPair("/a.crt", broken, "/a.key", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/a.crt")));
}

}  // namespace
}  // namespace cusp
