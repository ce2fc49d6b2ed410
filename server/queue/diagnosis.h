// What commonly goes wrong with a coordinator, judged from what was found. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cusp::server {

// Numbers of v1.Finding.Level.
enum class FindingLevel { kOk = 1, kWarning = 2, kFail = 3 };

struct Finding {
  std::string check;
  FindingLevel level = FindingLevel::kOk;
  std::string message;
  std::string remedy;  // empty where OK
};

// Less free space than this and the service is not ready for more.
inline constexpr int64_t kMinFreeBytes = int64_t{256} << 20U;

// What the checks look at. Sizes in bytes, -1: not to be told; times in microseconds.
struct DiagnosisFacts {
  std::string data_folder;
  int64_t free_bytes = -1;
  int64_t database_bytes = -1;
  int64_t wal_bytes = -1;
  std::string network_file_system;  // its name; empty: a local one
  std::string quick_check = "ok";   // SQLite's answer
  int64_t schema = 0;               // of the database
  int64_t known_schema = 0;         // of this program
  bool takes_writes = true;
  std::string write_fault;  // why not

  int64_t server_us = 0;
  std::optional<int64_t> client_us;
  std::optional<bool> is_clock_synchronised;  // by the kernel; nothing: it does not tell
  std::string server_version;
  std::string client_version;
  // Version of each worker that was heard of lately, with its name.
  std::vector<std::pair<std::string, std::string>> workers;  // (name, version)
  std::vector<std::string> open_files;                       // others can read them
  // Who else may write to the data folder, and what to do; empty: nobody.
  std::string folder_fault;
  std::string folder_remedy;
  bool is_folder_open_to_all = false;

  struct Certificate {
    std::string path;
    int64_t not_after_us = 0;
  };
  std::vector<Certificate> certificates;  // empty: no TLS
};

// The check of `certificates` at `server_us`.
Finding CertificatesFinding(const DiagnosisFacts& facts);

// One finding for each check, always the same ones in the same order.
std::vector<Finding> Diagnose(const DiagnosisFacts& facts);

}  // namespace cusp::server
