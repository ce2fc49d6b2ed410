// Untrusted text inside messages.
#pragma once

#include <string>
#include <string_view>

namespace cusp::catalog {

// `text` in single quotes, shortened to a readable length, with everything but
// printable ASCII and well-formed UTF-8 replaced by '?': one line, whatever it was.
std::string Quoted(std::string_view text);

}  // namespace cusp::catalog
