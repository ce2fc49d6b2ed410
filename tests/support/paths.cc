#include "tests/support/paths.h"

namespace cusp {

// In one file alone: a folder's name on a compiler's command line is all it takes for
// another checkout to compile everything again.
std::string SourceFolder() { return CUSP_SOURCE_DIR; }
std::string TestDataFolder() { return SourceFolder() + "/tests/data"; }
std::string BinFolder() { return CUSP_BIN_DIR; }

}  // namespace cusp
