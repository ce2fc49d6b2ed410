#include "catalog/lengths.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "catalog/job_variants.h"

namespace cusp::catalog {
namespace {

constexpr int64_t kLongest = 4'000'000;
constexpr int64_t kHour = 3600 * kSamplesPerSecond;

}  // namespace

v1::LengthUnit UnitOf(Modality modality) {
  switch (modality) {
    case Modality::kText:
      return v1::LENGTH_UNIT_TOKENS;
    case Modality::kSpeech:
      return v1::LENGTH_UNIT_SECONDS;
    case Modality::kVision:
      return v1::LENGTH_UNIT_PIXELS;
  }
  return v1::LENGTH_UNIT_TOKENS;
}

v1::LengthUnit UnitOf(const v1::JobSpec& spec) {
  for (const auto* variants : {&spec.baselines(), &spec.candidates()}) {
    for (const v1::VariantSpec& variant : *variants) {
      if (const Model* model = KnownModelOf(variant)) {
        return UnitOf(model->modality);
      }
    }
  }
  return v1::LENGTH_UNIT_UNSPECIFIED;
}

int64_t BaseUnits(v1::LengthUnit unit) {
  return unit == v1::LENGTH_UNIT_SECONDS ? kSamplesPerSecond : 1;
}

int64_t LongestLength(v1::LengthUnit unit) {
  return unit == v1::LENGTH_UNIT_SECONDS ? kHour : kLongest;
}

double InUnit(double length, v1::LengthUnit unit) {
  return length / static_cast<double>(BaseUnits(unit));
}

int64_t FromUnit(double length, v1::LengthUnit unit) {
  const auto most = static_cast<double>(LongestLength(unit) + 1);
  return std::llround(std::clamp(length * static_cast<double>(BaseUnits(unit)), -most, most));
}

std::string LengthText(int64_t length, v1::LengthUnit unit) {
  std::array<char, 64> text{};
  const double number = InUnit(static_cast<double>(length), unit);
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return {text.data(), end};
}

}  // namespace cusp::catalog
