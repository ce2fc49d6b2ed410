// Lengths in messages are whole numbers of a base unit: tokens, pixels, or samples
// of 16 kHz audio, of which people write and read seconds.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/model.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

inline constexpr int64_t kSamplesPerSecond = 16'000;

// What people give lengths in.
v1::LengthUnit UnitOf(Modality modality);

// The unit of the first variant whose model is known; UNSPECIFIED where there is none.
v1::LengthUnit UnitOf(const v1::JobSpec& spec);

// Base units in one `unit`: 16,000 samples in a second, else 1.
int64_t BaseUnits(v1::LengthUnit unit);

// The longest input of a job, in base units: 4,000,000, or an hour.
int64_t LongestLength(v1::LengthUnit unit);

// A length in what people read; exact for every whole number of samples.
double InUnit(double length, v1::LengthUnit unit);

// The base units nearest to what people wrote; at most LongestLength() + 1.
int64_t FromUnit(double length, v1::LengthUnit unit);

// The shortest decimal of InUnit(): "4096", "0.025".
std::string LengthText(int64_t length, v1::LengthUnit unit);

}  // namespace cusp::catalog
