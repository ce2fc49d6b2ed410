// What gRPC itself has to say, among the log lines of a daemon.
#pragma once

namespace cusp {

// From now on gRPC's lines go to what is spdlog's default logger now, which is kept
// until the process ends: as "gRPC reports source=grpc at=FILE:LINE text=WORDS", errors
// as warnings, the others (GRPC_VERBOSITY, GRPC_TRACE) as info and debug. Call it once,
// when the logger has its format and level and before gRPC is used; gRPC calls it from
// any of its threads, so the logger's sinks are to be thread-safe.
void RouteGrpcLog();

}  // namespace cusp
