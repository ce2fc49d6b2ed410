// The whole service: store, queue and gRPC, put together.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/api/admin_service.h"
#include "server/api/artifact_service.h"
#include "server/api/artifact_shelf.h"
#include "server/api/call_log.h"
#include "server/api/deadline_keeper.h"
#include "server/api/dispatcher.h"
#include "server/api/gate.h"
#include "server/api/job_service.h"
#include "server/api/job_view.h"
#include "server/api/live_board.h"
#include "server/api/operations.h"
#include "server/api/result_service.h"
#include "server/api/watch_hub.h"
#include "server/api/worker_service.h"
#include "server/auth/listen_address.h"
#include "server/store/store.h"

namespace cusp::server {

// What `cuspd serve` is told.
struct CoordinatorOptions {
  std::string data_folder;
  std::string listen;         // empty: unix:DATA/cuspd.sock
  std::string tls_cert_file;  // with tls_key_file; empty: no TLS
  std::string tls_key_file;
  std::string client_ca_file;  // clients need a certificate of it; empty: no
  // Without certificates, which follow from the above.
  OperationsOptions operations;
};

// Owns everything that a running service consists of.
class Coordinator {
 public:
  // Opens the data folder and listens. INVALID_ARGUMENT (an address),
  // FAILED_PRECONDITION (folder or socket in use, no TLS on an open address, a key
  // that others can read), UNAVAILABLE (cannot listen).
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(const CoordinatorOptions& options,
                                                            const Clock& clock);
  // The same on an opened store without a listener, for callers in this process.
  static absl::StatusOr<std::unique_ptr<Coordinator>> StartInProcess(std::unique_ptr<Store> store,
                                                                     const Clock& clock);

  ~Coordinator();

  // Where it listens, with the port that was chosen.
  const std::string& address() const { return address_; }

  // Where its monitoring pages are, or "".
  std::string metrics_address() const { return operations_.metrics_address(); }

  std::shared_ptr<grpc::Channel> InProcessChannel() const;

  // Does what is due. Returns after how long to call it again.
  Clock::Duration Tick();

  // Ends streams, finishes calls and writes. Idempotent.
  void Stop();

 private:
  Coordinator(std::unique_ptr<Store> store, Authenticator authenticator, const Clock& clock);
  absl::Status Serve(const ListenAddress* address,
                     const std::shared_ptr<grpc::ServerCredentials>& credentials);

  const Clock& clock_;
  std::unique_ptr<Store> store_;
  CallLog calls_;
  LiveBoard board_;
  JobView view_;
  Gate gate_;
  Dispatcher dispatcher_;
  DeadlineKeeper deadlines_;
  WatchHub hub_;
  ArtifactShelf shelf_;
  JobService jobs_;
  WorkerService workers_;
  ResultService results_;
  AdminService admin_;
  ArtifactService artifacts_;
  Operations operations_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace cusp::server
