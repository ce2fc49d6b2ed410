#include "client/cli/provenance_text.h"

#include <array>
#include <cstdio>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/provenance_json.h"

namespace cusp::client {
namespace {

constexpr size_t kHashDigits = 16;

std::string Line(std::string key, const std::string& value) {
  key.resize(12, ' ');
  return value.empty() ? "" : "  " + key + Printable(value) + "\n";
}

// Those of the parts that are not empty, with commas between them.
std::string Joined(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() || part.empty() ? "" : ", ") + part;
  }
  return text;
}

std::string Named(const std::string& name, const std::string& value) {
  return value.empty() ? "" : name + " " + value;
}

std::string Measured(const v1::SweepConditions& conditions) {
  std::string load;
  if (conditions.has_load_average()) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "load %.2f", conditions.load_average());
    load = text.data();
  }
  const std::string others =
      conditions.has_runnable_threads()
          ? FormatCount(conditions.runnable_threads()) + " other threads running or ready to"
          : "";
  const std::string on_device =
      conditions.device_processes() > 0
          ? FormatCount(conditions.device_processes()) + " other processes on the device"
          : "";
  return Joined({"from " + FormatTime(conditions.start_time()) + " UTC", load, others, on_device});
}

std::string Clocks(const v1::Provenance& provenance) {
  const auto megahertz = [](int32_t value) { return FormatCount(value) + " MHz"; };
  std::string range;
  if (provenance.cpu_max_mhz() > 0) {
    range = "CPU " + FormatCount(provenance.cpu_min_mhz()) + " to " +
            megahertz(provenance.cpu_max_mhz());
  }
  const int32_t device = provenance.device_clock_mhz();
  const int32_t memory = provenance.device_memory_clock_mhz();
  const std::string clocks = Joined({Named("governor", provenance.cpu_governor()), range,
                                     device > 0 ? "device up to " + megahertz(device) : "",
                                     memory > 0 ? "its memory up to " + megahertz(memory) : ""});
  return clocks.empty() ? "not told by the system" : clocks;
}

std::string Device(const v1::Provenance& provenance) {
  return Joined({provenance.device_class() + " (" + provenance.device() + ")",
                 provenance.memory_bytes() > 0
                     ? FormatBytes(static_cast<double>(provenance.memory_bytes()))
                     : "",
                 Named("driver", provenance.driver_version())});
}

std::string Host(const v1::Provenance& provenance) {
  return Joined(
      {provenance.host(), provenance.cpus() > 0 ? FormatCount(provenance.cpus()) + " CPUs" : "",
       provenance.virtual_machine() ? "a virtual machine" : "", Named("Linux", provenance.kernel()),
       provenance.libc(), Named("microcode", provenance.microcode())});
}

std::string Versions(const v1::Provenance& provenance) {
  return Joined({Named("Cusp", provenance.cusp_version()),
                 Named("LibTorch", provenance.torch_version()), provenance.cpu_capability()});
}

std::string Variants(const v1::SweepConditions& conditions, const v1::JobSpec& spec) {
  std::string text;
  for (const v1::VariantConfig& variant : conditions.variants()) {
    const v1::VariantSpec* known = FindVariant(spec, variant.variant());
    const bool drawn = known == nullptr || known->weights_sha256().empty();
    const std::string weights = drawn ? "from seed " + std::to_string(spec.seed())
                                      : known->weights_sha256().substr(0, kHashDigits);
    text += Line("variant", variant.variant() + ": configuration " +
                                variant.config_sha256().substr(0, kHashDigits) + ", weights " +
                                weights);
  }
  return text;
}

std::string RenderSweep(const v1::Sweep& sweep, const v1::JobSpec& spec) {
  const v1::Provenance& provenance = sweep.provenance();
  const v1::SweepConditions& conditions = provenance.conditions();
  std::string text = "sweep " + sweep.name().substr(sweep.name().rfind('/') + 1) + ": " +
                     catalog::ToText(sweep.mode()) + ", " + catalog::ToText(sweep.dtype()) + "\n";
  text += Line("provenance", provenance.id());
  text += provenance.has_conditions() ? Line("measured", Measured(conditions)) : "";
  text += Line("device", Device(provenance)) + Line("host", Host(provenance));
  text += Line("clocks", Clocks(provenance)) + Line("versions", Versions(provenance));
  text += Line("build", provenance.build_id());
  text += Line("threads",
               FormatCount(provenance.threads()) +
                   (provenance.affinity().empty() ? "" : ", on CPUs " + provenance.affinity()));
  text += Line("allocator", provenance.allocator());
  text += Line("numbers", provenance.number_settings());
  text += Line("seed", std::to_string(spec.seed()));
  return text + Variants(conditions, spec);
}

}  // namespace

std::string RenderProvenance(const v1::Job& job) {
  std::string text;
  for (const v1::Sweep& sweep : job.sweeps()) {
    if (sweep.has_provenance()) {
      text += (text.empty() ? "" : "\n") + RenderSweep(sweep, job.spec());
    }
  }
  return text.empty() ? "nothing measured yet\n" : text;
}

}  // namespace cusp::client
