#include "client/lib/provenance_json.h"

#include <utility>

#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

Json VariantToJson(const v1::VariantConfig& variant, const v1::JobSpec& spec) {
  Json json = {{"variant", variant.variant()},
               {"config_sha256", variant.config_sha256()},
               {"weights_sha256", nullptr}};
  const v1::VariantSpec* known = FindVariant(spec, variant.variant());
  if (known != nullptr && !known->weights_sha256().empty()) {
    json["weights_sha256"] = known->weights_sha256();
  }
  return json;
}

}  // namespace

const v1::VariantSpec* FindVariant(const v1::JobSpec& spec, const std::string& name) {
  for (const auto* variants : {&spec.baselines(), &spec.candidates()}) {
    for (const v1::VariantSpec& variant : *variants) {
      if (variant.name() == name) {
        return &variant;
      }
    }
  }
  return nullptr;
}

Json ProvenanceToJson(const v1::Provenance& provenance) {
  return {{"id", provenance.id()},
          {"device_class", provenance.device_class()},
          {"device", provenance.device()},
          {"host", provenance.host()},
          {"driver_version", provenance.driver_version()},
          {"torch_version", provenance.torch_version()},
          {"cusp_version", provenance.cusp_version()},
          {"build_id", provenance.build_id()},
          {"threads", provenance.threads()},
          {"affinity", provenance.affinity()},
          {"allocator", provenance.allocator()},
          {"cpu_capability", provenance.cpu_capability()},
          {"kernel", provenance.kernel()},
          {"number_settings", provenance.number_settings()},
          {"memory_bytes", provenance.memory_bytes()},
          {"cpu_governor", provenance.cpu_governor()},
          {"cpu_min_mhz", provenance.cpu_min_mhz()},
          {"cpu_max_mhz", provenance.cpu_max_mhz()},
          {"cpus", provenance.cpus()},
          {"libc", provenance.libc()},
          {"microcode", provenance.microcode()},
          {"virtual_machine", provenance.virtual_machine()},
          {"device_clock_mhz", provenance.device_clock_mhz()},
          {"device_memory_clock_mhz", provenance.device_memory_clock_mhz()}};
}

Json ProvenanceToJson(const v1::Provenance& provenance, const v1::JobSpec& spec) {
  Json json = ProvenanceToJson(provenance);
  json["seed"] = spec.seed();
  if (!provenance.has_conditions()) {
    return json;
  }
  const v1::SweepConditions& conditions = provenance.conditions();
  json["start_time"] = TimeToJson(conditions.start_time());
  json["load_average"] =
      conditions.has_load_average() ? Json(conditions.load_average()) : Json(nullptr);
  json["runnable_threads"] =
      conditions.has_runnable_threads() ? Json(conditions.runnable_threads()) : Json(nullptr);
  json["device_processes"] =
      conditions.has_device_processes() ? Json(conditions.device_processes()) : Json(nullptr);
  json["variants"] = Json::array();
  for (const v1::VariantConfig& variant : conditions.variants()) {
    json["variants"].push_back(VariantToJson(variant, spec));
  }
  return json;
}

}  // namespace cusp::client
