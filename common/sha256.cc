#include "common/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "common/check.h"

namespace cusp {

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CUSP_CHECK(state_->context != nullptr);
  CUSP_CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  CUSP_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::Hex() const {
  State copy;  // since the last step of a digest ends it
  CUSP_CHECK(copy.context != nullptr);
  CUSP_CHECK(EVP_MD_CTX_copy_ex(copy.context.get(), state_->context.get()) == 1);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CUSP_CHECK(EVP_DigestFinal_ex(copy.context.get(), digest.data(), &size) == 1);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 0x0fU];
  }
  return text;
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Hex();
}

absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    const std::string message = path + ": " + std::strerror(errno);
    return errno == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  Sha256 digest;
  std::vector<char> buffer(1U << 20U);
  size_t n = 0;
  while ((n = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0) {
    digest.Update({buffer.data(), n});
  }
  if (std::ferror(file.get()) != 0) {
    return absl::UnavailableError(path + ": read error");
  }
  return digest.Hex();
}

}  // namespace cusp
