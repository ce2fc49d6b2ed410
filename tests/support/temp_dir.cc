#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "common/check.h"

namespace cusp {

TempDir::TempDir() {
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  CUSP_CHECK(!error);
  path_ = (base / "cusp_test_XXXXXX").string();
  CUSP_CHECK(mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TempDir::Join(std::string_view name) const { return path_ + "/" + std::string(name); }

std::string TempDir::Write(std::string_view name, std::string_view content) const {
  const std::string path = Join(name);
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  CUSP_CHECK(file.good());
  return path;
}

}  // namespace cusp
