// The machine that samples are taken on, as its kernel tells: what stays, and how busy it is.
#pragma once

#include <optional>
#include <string>

namespace cusp::worker {

// What makes measurements comparable; where the kernel doesn't tell, empty or 0.
struct MachineFacts {
  std::string cpu_governor;      // "performance", or all that are in use, by name
  int cpu_min_mhz = 0;           // that governors may choose
  int cpu_max_mhz = 0;           // likewise
  int cpus = 0;                  // online
  std::string libc;              // "glibc 2.36"
  std::string microcode;         // revision
  bool virtual_machine = false;  // an x86 CPU says so
};

// `root` is "/", or a folder with a proc/ and a sys/ like its own.
MachineFacts ReadMachineFacts(const std::string& root = "/");

// How busy the whole machine is, other containers included.
struct MachineLoad {
  std::optional<double> average;        // over the last minute
  std::optional<int> runnable_threads;  // running or ready to, the caller not counted
};

// From proc/loadavg (proc(5)) below `root`; nothing where it can't be read.
MachineLoad ReadMachineLoad(const std::string& root = "/");

}  // namespace cusp::worker
