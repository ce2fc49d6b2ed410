#include "common/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

namespace cusp {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio Reading(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// OpenSSL would ask the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

Certificate ReadOne(BIO* bio) {
  return Certificate(PEM_read_bio_X509(bio, nullptr, &NoPassphrase, nullptr));
}

}  // namespace

absl::Status CheckCertificates(const std::string& path, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reading(pem);
  int found = 0;
  while (ReadOne(bio.get()) != nullptr) {
    ++found;
  }
  // The end of the file shows as "no start line" too.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (found > 0 && at_end) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      path + (found == 0 && at_end ? ": holds no certificate" : ": holds a broken certificate") +
      "; give a file in PEM format (-----BEGIN CERTIFICATE-----)");
}

absl::Status CheckKeyPair(const std::string& cert_path, const std::string& cert_pem,
                          const std::string& key_path, const std::string& key_pem) {
  if (absl::Status status = CheckCertificates(cert_path, cert_pem); !status.ok()) {
    return status;
  }
  const Certificate certificate = ReadOne(Reading(cert_pem).get());
  const Key key(PEM_read_bio_PrivateKey(Reading(key_pem).get(), nullptr, &NoPassphrase, nullptr));
  absl::Status status;
  if (key == nullptr) {
    status = absl::InvalidArgumentError(
        key_path +
        ": holds no key that can be read; give a private key in PEM format without a "
        "passphrase");
  } else if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    status = absl::InvalidArgumentError(key_path + ": is not the key of the certificate in " +
                                        cert_path + "; give the pair that was made together");
  }
  ERR_clear_error();
  return status;
}

absl::StatusOr<int64_t> CertificateExpiry(const std::string& path, const std::string& pem) {
  if (absl::Status status = CheckCertificates(path, pem); !status.ok()) {
    return status;
  }
  const Bio bio = Reading(pem);
  std::optional<int64_t> first;
  while (const Certificate certificate = ReadOne(bio.get())) {
    std::tm utc{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &utc) != 1) {
      return absl::InvalidArgumentError(path + ": has a time that cannot be read");
    }
    const auto seconds = static_cast<int64_t>(timegm(&utc));
    first = std::min(first.value_or(seconds), seconds);
  }
  ERR_clear_error();
  return *first;
}

}  // namespace cusp
