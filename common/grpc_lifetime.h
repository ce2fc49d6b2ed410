// gRPC's own threads, kept for as long as the process lives.
#pragma once

namespace cusp {

// Keeps gRPC from shutting down when the last channel or server is gone. Its shutdown
// (1.51: grpc_shutdown, iomgr) joins a thread that may poll for up to 10 s more, which
// then passes before a command ends or a daemon exits. Call it before the first channel
// or server is made; from any thread, as often as one likes.
void KeepGrpc();

}  // namespace cusp
