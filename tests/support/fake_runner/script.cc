#include "tests/support/fake_runner/script.h"

#include <map>
#include <nlohmann/json.hpp>

namespace cusp {
namespace {

using nlohmann::json;

Curve ReadCurve(const json& object) {
  return {.a = object.value("a", 0.0), .b = object.value("b", 0.0), .c = object.value("c", 0.0)};
}

ScriptedVariant ReadVariant(const json& object) {
  ScriptedVariant variant;
  variant.seconds = ReadCurve(object);
  variant.bytes = ReadCurve(object.value("memory", json::object()));
  return variant;
}

ScriptedFault ReadFault(const json& object) {
  using Kind = ScriptedFault::Kind;
  static const std::map<std::string, Kind> kKinds = {
      {"crash", Kind::kCrash},     {"exit", Kind::kExit},   {"hang", Kind::kHang},
      {"garbage", Kind::kGarbage}, {"cut", Kind::kCut},     {"oom", Kind::kOom},
      {"invalid", Kind::kInvalid}, {"error", Kind::kError}, {"slow", Kind::kSlow},
      {"zero", Kind::kZero}};
  ScriptedFault fault;
  fault.kind = kKinds.at(object.at("kind").get<std::string>());
  fault.variant = object.value("variant", -1);
  fault.length = object.value("length", int64_t{-1});
  fault.times = object.value("times", -1);
  return fault;
}

Script Read(const json& object) {
  Script script;
  for (const json& variant : object.value("variants", json::array())) {
    script.variants.push_back(ReadVariant(variant));
  }
  for (const json& fault : object.value("faults", json::array())) {
    script.faults.push_back(ReadFault(fault));
  }
  script.noise = object.value("noise", script.noise);
  script.warmup = object.value("warmup", script.warmup);
  script.sleep_scale = object.value("sleep_scale", script.sleep_scale);
  script.start_seconds = object.value("start_seconds", script.start_seconds);
  script.memory_limit = object.value("memory_limit", script.memory_limit);
  script.device_class = object.value("device_class", script.device_class);
  return script;
}

}  // namespace

ScriptedVariant Script::Variant(int number) const {
  if (number >= 0 && static_cast<size_t>(number) < variants.size()) {
    return variants[static_cast<size_t>(number)];
  }
  if (number == 0) {
    return {.seconds = {.a = 1e-4, .b = 1e-6, .c = 2e-9}, .bytes = {.a = 1e6, .b = 1e3, .c = 4}};
  }
  return {.seconds = {.a = 2e-4, .b = 1.8e-6, .c = 0}, .bytes = {.a = 1.2e6, .b = 2.2e3, .c = 0}};
}

absl::StatusOr<Script> ParseScript(const std::string& text) {
  try {
    return Read(json::parse(text));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("script: ") + error.what());
  }
}

}  // namespace cusp
