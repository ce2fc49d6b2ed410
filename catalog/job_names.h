// What users call their jobs, variants and devices.
#pragma once

#include <string>

namespace cusp::catalog {

// Whether `text` holds control characters, which would spoil a terminal.
bool HasControl(const std::string& text);

// Empty where `name` may be one: printable, not empty, up to 128 bytes.
std::string FaultOfName(const std::string& name);

}  // namespace cusp::catalog
