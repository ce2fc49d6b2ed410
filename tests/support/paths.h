// Where tests find what they read and start.
#pragma once

#include <string>

namespace cusp {

std::string SourceFolder();    // the checkout
std::string TestDataFolder();  // tests/data in it
std::string BinFolder();       // where the build leaves its programs

}  // namespace cusp
