#include "server/api/coordinator.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/file.h"
#include "common/grpc_setup.h"
#include "common/secret_file.h"
#include "common/status_macros.h"
#include "common/tls_files.h"
#include "server/api/doctor.h"
#include "server/api/stored_tokens.h"
#include "server/auth/authenticator.h"

namespace cusp::server {
namespace {

constexpr int kMaxMessageBytes = 4 << 20;
constexpr size_t kMaxCertBytes = 1U << 20U;
constexpr std::chrono::seconds kDrainTime{3};
// Clients and workers ping every 30 s to find a dead peer, also while a watch says
// nothing for hours; by gRPC's default (5 min) that would end the connection with
// "too_many_pings".
constexpr int kMinPingIntervalMs = 1000;
// The same towards clients: what they hold is freed when they vanish.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// Calls of one connection over TCP: what a stranger can have open before a token is
// asked for. Those of users are counted by the gate.
constexpr int kMaxCallsPerConnection = 2048;
// Between ticks: what is only looked at then is late by the one, and what each of them
// costs is spent once in the other.
constexpr std::chrono::milliseconds kMaxTick{200};
constexpr std::chrono::milliseconds kMinTick{10};

// A file that a flag names and that cannot be used is bad usage, whatever the cause.
absl::StatusOr<std::string> ForFlag(const std::string& flag, absl::StatusOr<std::string> content) {
  if (content.ok()) {
    return content;
  }
  return absl::InvalidArgumentError(flag + ": " + std::string(content.status().message()));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(
    const CoordinatorOptions& options) {
  if (options.tls_cert_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key go together; give both or none");
  }
  if (options.tls_cert_file.empty()) {
    if (!options.client_ca_file.empty()) {
      return absl::InvalidArgumentError("--client-ca needs --tls-cert and --tls-key");
    }
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions ssl;
  CUSP_ASSIGN_OR_RETURN(std::string certificate,
                        ForFlag("--tls-cert", ReadFile(options.tls_cert_file, kMaxCertBytes)));
  CUSP_ASSIGN_OR_RETURN(std::string key,
                        ForFlag("--tls-key", ReadSecretFile(options.tls_key_file)));
  CUSP_RETURN_IF_ERROR(CheckKeyPair(options.tls_cert_file, certificate, options.tls_key_file, key));
  ssl.pem_key_cert_pairs.push_back({std::move(key), std::move(certificate)});
  if (!options.client_ca_file.empty()) {
    CUSP_ASSIGN_OR_RETURN(ssl.pem_root_certs,
                          ForFlag("--client-ca", ReadFile(options.client_ca_file, kMaxCertBytes)));
    CUSP_RETURN_IF_ERROR(CheckCertificates(options.client_ca_file, ssl.pem_root_certs));
    ssl.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(ssl);
}

absl::Status CheckNoTlsOnSocket(const ListenAddress& address, const CoordinatorOptions& options) {
  if (!address.is_unix || (options.tls_cert_file.empty() && options.tls_key_file.empty() &&
                           options.client_ca_file.empty())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--tls-cert, --tls-key and --client-ca are of no use on a Unix socket, which has no TLS; "
      "leave them out, or give --listen HOST:PORT");
}

// Clients would refuse the certificate, and the log says why.
absl::Status WarnOfExpiry(const std::vector<std::string>& files, const Clock& clock) {
  DiagnosisFacts facts;
  CUSP_ASSIGN_OR_RETURN(facts.certificates, ReadCertificates(files));
  facts.server_us = clock.WallMicros();
  const Finding finding = CertificatesFinding(facts);
  if (finding.level != FindingLevel::kOk) {
    spdlog::warn("certificate {}; {}", finding.message, finding.remedy);
  }
  return absl::OkStatus();
}

absl::StatusOr<Authenticator> AuthenticatorFor(const ListenAddress& address, Store& store,
                                               const Clock& clock) {
  if (address.is_unix) {
    return Authenticator::ForPrivateSocket();
  }
  CUSP_RETURN_IF_ERROR(EnsureAdminToken(store));
  return Authenticator::ForTokens(LookupIn(store, clock), clock);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const CoordinatorOptions& options,
                                                                const Clock& clock) {
  CUSP_ASSIGN_OR_RETURN(
      const ListenAddress address,
      ParseListenAddress(options.listen.empty() ? "unix:" + options.data_folder + "/cuspd.sock"
                                                : options.listen));
  CUSP_RETURN_IF_ERROR(CheckNoTlsOnSocket(address, options));
  CUSP_RETURN_IF_ERROR(CheckTransport(address, !options.tls_cert_file.empty()));
  CUSP_ASSIGN_OR_RETURN(const auto credentials, Credentials(options));
  CUSP_ASSIGN_OR_RETURN(DataFolder folder, DataFolder::Open(options.data_folder));
  if (!folder.warning().empty()) {
    spdlog::warn("{}", folder.warning());
  }
  if (address.is_unix) {
    CUSP_RETURN_IF_ERROR(RemoveStaleSocket(address.path));
  }
  CUSP_ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(std::move(folder), clock));
  CUSP_ASSIGN_OR_RETURN(Authenticator authenticator, AuthenticatorFor(address, *store, clock));
  std::unique_ptr<Coordinator> coordinator(
      new Coordinator(std::move(store), std::move(authenticator), clock));
  CUSP_RETURN_IF_ERROR(coordinator->Serve(&address, credentials));
  OperationsOptions operations = options.operations;
  for (const std::string& file : {options.tls_cert_file, options.client_ca_file}) {
    if (!file.empty()) {
      operations.certificates.push_back(file);
    }
  }
  CUSP_RETURN_IF_ERROR(WarnOfExpiry(operations.certificates, clock));
  CUSP_RETURN_IF_ERROR(coordinator->operations_.Start(operations));
  return coordinator;
}

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::StartInProcess(
    std::unique_ptr<Store> store, const Clock& clock) {
  std::unique_ptr<Coordinator> coordinator(
      new Coordinator(std::move(store), Authenticator::ForPrivateSocket(), clock));
  CUSP_RETURN_IF_ERROR(coordinator->Serve(nullptr, nullptr));
  return coordinator;
}

Coordinator::Coordinator(std::unique_ptr<Store> store, Authenticator authenticator,
                         const Clock& clock)
    : clock_(clock),
      store_(std::move(store)),
      calls_(clock),
      board_(clock),
      view_(*store_, board_, clock),
      gate_(std::move(authenticator), OpenCalls(), &calls_),
      dispatcher_(*store_, clock, board_),
      deadlines_(*store_, clock),
      hub_([this](int64_t job_id) { return view_.Read(job_id); }),
      shelf_(*store_, clock),
      jobs_(gate_, *store_, view_, hub_),
      workers_({gate_, *store_, clock, board_, dispatcher_, hub_}),
      results_(gate_, *store_, board_),
      admin_({gate_, *store_, board_, dispatcher_}),
      artifacts_(gate_, shelf_),
      operations_({gate_, *store_, view_, board_, calls_, clock}) {}

Coordinator::~Coordinator() { Stop(); }

absl::Status Coordinator::Serve(const ListenAddress* address,
                                const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  store_->SetListener([this](const Changes& changes) {
    hub_.Notify(changes.jobs);
    dispatcher_.OnQueued(changes.queued_devices);
  });
  CUSP_RETURN_IF_ERROR(dispatcher_.Start());
  CUSP_RETURN_IF_ERROR(shelf_.Start());

  SetUpGrpc();
  // All that a stranger may ask: no reflection, which would answer without a token.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  if (address != nullptr && !address->is_unix) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxCallsPerConnection);
  }
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Two services must not share one port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.RegisterService(&jobs_);
  builder.RegisterService(&workers_);
  builder.RegisterService(&results_);
  builder.RegisterService(&admin_);
  operations_.Register(builder);
  builder.experimental().SetInterceptorCreators(CallLog::Interceptors(calls_));
  builder.RegisterService(&artifacts_);
  int port = 0;
  if (address != nullptr) {
    builder.AddListeningPort(address->ToString(), credentials, &port);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || (address != nullptr && port == 0)) {
    return absl::UnavailableError("cannot listen on " +
                                  (address == nullptr ? "" : address->ToString()) +
                                  "; is the address in use, or not this machine's?");
  }
  if (address == nullptr) {
    return absl::OkStatus();
  }
  ListenAddress bound = *address;
  if (bound.is_unix) {
    // The process's umask has kept others out since it was made.
    if (chmod(bound.path.c_str(), S_IRUSR | S_IWUSR) != 0) {
      return absl::UnavailableError("cannot protect " + bound.path);
    }
  } else {
    bound.port = port;
  }
  address_ = bound.ToString();
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> Coordinator::InProcessChannel() const {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

Clock::Duration Coordinator::Tick() {
  dispatcher_.Tick();
  deadlines_.Tick();
  shelf_.Tick();
  operations_.Tick();
  gate_.CutExpired(clock_.WallMicros());
  // On time for the idle workers, whose calls would otherwise be answered in bursts that
  // hold up everybody else's.
  const Clock::Monotonic now = clock_.Now();
  const Clock::Duration until_answer = dispatcher_.NextAnswer().value_or(now + kMaxTick) - now;
  return std::clamp<Clock::Duration>(until_answer, kMinTick, kMaxTick);
}

void Coordinator::Stop() {
  operations_.Refuse();
  hub_.Stop();
  dispatcher_.Stop();
  if (server_ != nullptr) {
    server_->Shutdown(std::chrono::system_clock::now() + kDrainTime);
    server_->Wait();
  }
  operations_.Stop();
  shelf_.Stop();
  store_->Stop();
}

}  // namespace cusp::server
