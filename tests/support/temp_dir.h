// A folder that lives as long as its test.
#pragma once

#include <string>
#include <string_view>

namespace cusp {

// Makes a new empty folder, and removes it with all its content at the end.
// Its path is short enough for a Unix socket's name inside.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // Path of `name` inside; nothing is created.
  std::string Join(std::string_view name) const;

  // Writes a file inside and returns its path. Aborts where that fails.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace cusp
