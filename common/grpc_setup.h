// How a process uses gRPC, whatever it calls or serves.
#pragma once

namespace cusp {

// Keeps gRPC from shutting down when the last channel or server is gone: its shutdown
// (1.51: grpc_shutdown, iomgr) joins a thread that may poll for up to 10 s more, which
// then passes before a command ends or a daemon exits. And keeps its locks, Abseil's,
// from looking for cycles in the order in which they are taken: Debian's build does, and
// aborts the process over one, also where no thread waits for another. Call it before the
// first channel or server is made; from any thread, as often as one likes.
void SetUpGrpc();

}  // namespace cusp
