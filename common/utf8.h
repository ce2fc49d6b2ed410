// Whether bytes are text.
#pragma once

#include <string_view>

namespace cusp {

// True for well-formed UTF-8 as the Unicode standard has it: no forms that are too long,
// no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace cusp
