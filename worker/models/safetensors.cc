#include "worker/models/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

struct TypePair {
  SafetensorsType file;
  at::ScalarType tensor;
};

constexpr TypePair kPairs[] = {
    {SafetensorsType::kF64, at::kDouble}, {SafetensorsType::kF32, at::kFloat},
    {SafetensorsType::kF16, at::kHalf},   {SafetensorsType::kBf16, at::kBFloat16},
    {SafetensorsType::kI64, at::kLong},   {SafetensorsType::kI32, at::kInt},
    {SafetensorsType::kI16, at::kShort},  {SafetensorsType::kI8, at::kChar},
    {SafetensorsType::kU8, at::kByte},    {SafetensorsType::kBool, at::kBool},
};

at::ScalarType TensorType(SafetensorsType type) {
  return std::find_if(std::begin(kPairs), std::end(kPairs),
                      [&](const TypePair& pair) { return pair.file == type; })
      ->tensor;
}

// Reads exactly `size` bytes. DATA_LOSS at an early end.
absl::Status ReadFully(int fd, uint64_t offset, uint64_t size, char* to) {
  while (size > 0) {
    const ssize_t got = pread(fd, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return absl::ErrnoToStatus(errno, "cannot read");
    }
    if (got == 0) {
      return absl::DataLossError("the file ended early; was it changed while being read?");
    }
    to += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RegularFileSize(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) {
    return absl::ErrnoToStatus(errno, "cannot read");
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError("not a regular file");
  }
  return static_cast<uint64_t>(info.st_size);
}

absl::StatusOr<SafetensorsHeader> ReadHeader(int fd) {
  CUSP_ASSIGN_OR_RETURN(const uint64_t file_size, RegularFileSize(fd));
  std::string first(std::min<uint64_t>(file_size, 8), '\0');
  CUSP_RETURN_IF_ERROR(ReadFully(fd, 0, first.size(), first.data()));
  CUSP_ASSIGN_OR_RETURN(const uint64_t length, ParseSafetensorsLength(first, file_size));
  std::string json(length, '\0');
  CUSP_RETURN_IF_ERROR(ReadFully(fd, first.size(), length, json.data()));
  return ParseSafetensorsHeader(json, file_size);
}

}  // namespace

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot open"));
  }
  SafetensorsFile file(path, fd);
  absl::StatusOr<SafetensorsHeader> header = ReadHeader(fd);
  if (!header.ok()) {
    return Annotate(header.status(), path);
  }
  file.header_ = *std::move(header);
  return file;
}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      header_(std::move(other.header_)) {}

SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(header_, other.header_);
  return *this;
}

SafetensorsFile::~SafetensorsFile() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

absl::StatusOr<at::Tensor> SafetensorsFile::Read(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) {
    return absl::NotFoundError(absl::StrCat(path_, ": no tensor '", name, "'"));
  }
  const SafetensorsEntry& entry = found->second;
  const bool boolean = entry.type == SafetensorsType::kBool;
  // A bool that is neither 0 nor 1 is undefined in C++, so bytes come first.
  at::Tensor tensor =
      ops::Empty(entry.shape, boolean ? at::kByte : TensorType(entry.type), at::kCPU);
  CUSP_RETURN_IF_ERROR(Annotate(
      ReadFully(fd_, entry.begin, entry.size, static_cast<char*>(tensor.mutable_data_ptr())),
      absl::StrCat(path_, ": tensor '", name, "'")));
  return boolean ? tensor.ne(0) : tensor;
}

absl::StatusOr<std::map<std::string, at::Tensor>> ReadSafetensors(const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, entry] : file.entries()) {
    CUSP_ASSIGN_OR_RETURN(tensors[name], file.Read(name));
  }
  return tensors;
}

absl::Status WriteSafetensors(const std::string& path,
                              const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  std::vector<SafetensorsLayout> layout;
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : tensors) {
    const at::ScalarType type = tensor.scalar_type();
    const auto* pair = std::find_if(std::begin(kPairs), std::end(kPairs),
                                    [type](const TypePair& p) { return p.tensor == type; });
    if (pair == std::end(kPairs)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": tensor '", name, "': type ", toString(type), " has no place in the format"));
    }
    layout.push_back({name, pair->file, tensor.sizes().vec()});
    values.push_back(tensor.detach().to(at::kCPU).contiguous());
  }
  std::string content = FormatSafetensorsHeader(layout);
  for (const at::Tensor& value : values) {
    content.append(static_cast<const char*>(value.const_data_ptr()), value.nbytes());
  }
  return WriteFileAtomically(path, content);
}

}  // namespace cusp::models
