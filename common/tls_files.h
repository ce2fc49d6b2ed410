// Certificates and keys, looked at before gRPC takes them: it would refuse them
// without a word of why, some of them only at the first connection.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// INVALID_ARGUMENT with the path where `pem` holds no certificate, or a broken one.
absl::Status CheckCertificates(const std::string& path, const std::string& pem);

// The same for a certificate chain and its key, which must belong to the chain's
// first certificate and have no passphrase.
absl::Status CheckKeyPair(const std::string& cert_path, const std::string& cert_pem,
                          const std::string& key_path, const std::string& key_pem);

// When the first of the certificates in `pem` expires, in seconds since 1970 UTC.
// INVALID_ARGUMENT where there is none.
absl::StatusOr<int64_t> CertificateExpiry(const std::string& path, const std::string& pem);

}  // namespace cusp
