// Memory that must not reach a disk.
#pragma once

namespace cusp {

// For mains of processes that hold tokens or keys: no core dump of this process, and
// none of its children's; other processes of the same user cannot read its memory.
void ForbidCoreDumps();

}  // namespace cusp
