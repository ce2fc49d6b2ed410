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

// Made by openssl for this test; nobody has the keys.
constexpr char kLater[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbTCCAROgAwIBAgIUYQZyzGVVbx/6dwSMG8iPyS3/XMYwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAeFw0yNjExMjkwMDEyMjZaFw0zNjExMjYwMDEyMjZaMAwx\n"
    "CjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARVHe2jEWOmY3K2\n"
    "6qRpI/8C7I5e4AHvNLVdkd0xV7thObHuJ0qGWLrCTRMaZ59BYDfBOG86up3v29yT\n"
    "tRQtcPRMo1MwUTAdBgNVHQ4EFgQUzwhaOeHawE0kW+Ly8xUE5hQpCpEwHwYDVR0j\n"
    "BBgwFoAUzwhaOeHawE0kW+Ly8xUE5hQpCpEwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
    "hkjOPQQDAgNIADBFAiEAgZKXraoFhvKtIaLz8XRGdOYUP0VVzpQf0FCzcIwwQmAC\n"
    "IExsc0RcCH/20ffbQ38WAytVahVbuObpBnZVjvH3IIoA\n"
    "-----END CERTIFICATE-----\n";
constexpr char kEarlier[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbTCCAROgAwIBAgIUD1iJxQ5vr0MvRG2ko1BwqYG/nqowCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYjAeFw0yNjExMjkwMDEyMjZaFw0yNjEyMDkwMDEyMjZaMAwx\n"
    "CjAIBgNVBAMMAWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATAQXcuZPd8oOK6\n"
    "BZwrc59PBqWDBbGgcq1HFVTcT1TX4FEHtW1zBUaC7dM9SAQz++vhkKjnkgSTnvci\n"
    "BOPsk/PTo1MwUTAdBgNVHQ4EFgQUelrZ84+F0v5LFq0Sxbz+xxhL6yEwHwYDVR0j\n"
    "BBgwFoAUelrZ84+F0v5LFq0Sxbz+xxhL6yEwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
    "hkjOPQQDAgNIADBFAiEAko7Iy7c9T+QKjKhH9Ob6oLn7rcMwZ3a8mVlWtaeMvOsC\n"
    "IA/7jhnb6pXGlSDv/o1hKIdvjmClNzwOQoIMsMav4ENx\n"
    "-----END CERTIFICATE-----\n";

TEST(TlsFilesTest, TheFirstCertificateToExpireCounts) {
  EXPECT_THAT(CertificateExpiry("/a.crt", kLater), IsOkAndHolds(2'111'271'146));
  EXPECT_THAT(CertificateExpiry("/a.crt", std::string(kLater) + kEarlier),
              IsOkAndHolds(1'796'775'146));
  EXPECT_THAT(CertificateExpiry("/a.crt", "junk"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/a.crt")));
}

}  // namespace
}  // namespace cusp
