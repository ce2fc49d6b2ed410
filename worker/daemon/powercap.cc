#include "worker/daemon/powercap.h"

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::worker {
namespace {

constexpr size_t kMaxBytes = 64;

absl::StatusOr<double> ReadNumber(const std::string& file) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxBytes));
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return absl::DataLossError(file + " holds no number");
  }
  return static_cast<double>(number);
}

// "intel-rapl:0" is a package; "intel-rapl:0:1" a part of one.
bool IsPackage(const std::string& name) {
  return name.find(':') != std::string::npos && name.find(':') == name.rfind(':');
}

}  // namespace

absl::StatusOr<std::unique_ptr<PowercapCounter>> PowercapCounter::Open(const std::string& folder) {
  std::vector<Package> packages;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path();
    if (!IsPackage(entry.path().filename())) {
      continue;
    }
    Package package{.file = path + "/energy_uj"};
    const auto now = ReadNumber(package.file);
    if (absl::IsPermissionDenied(now.status())) {
      return now.status();
    }
    const auto range = ReadNumber(path + "/max_energy_range_uj");
    if (now.ok() && range.ok() && *range > 0) {
      package.range_microjoules = *range;
      package.last = *now;
      packages.push_back(std::move(package));
    }
  }
  if (packages.empty()) {
    return absl::NotFoundError(folder + " shows no energy counter of a CPU");
  }
  return std::unique_ptr<PowercapCounter>(new PowercapCounter(std::move(packages)));
}

absl::StatusOr<double> PowercapCounter::ReadJoules() {
  double joules = 0;
  for (Package& package : packages_) {
    CUSP_ASSIGN_OR_RETURN(const double now, ReadNumber(package.file));
    // A step back is a counter that began again.
    package.total += now - package.last + (now < package.last ? package.range_microjoules : 0);
    package.last = now;
    joules += package.total * 1e-6;
  }
  return joules;
}

}  // namespace cusp::worker
