// Identifiers, from the kernel's random source.
#pragma once

#include <string>
#include <string_view>

namespace cusp {

// A random UUID, version 4, in lower case.
std::string NewUuid();

// True for the textual form of any UUID.
bool IsUuid(std::string_view text);

// Ten characters of a lower-case alphabet without look-alikes: 50 random bits,
// starting with a letter. For ids that people type.
std::string NewShortId();

}  // namespace cusp
