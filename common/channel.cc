#include "common/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_interceptor.h>

#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "common/file.h"
#include "common/grpc_setup.h"
#include "common/secret_file.h"
#include "common/status_macros.h"
#include "common/tls_files.h"

namespace cusp {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr size_t kMaxCertificateBytes = 4U << 20U;

// Call credentials would do the same, but gRPC allows them on encrypted
// connections alone, and a loopback one needs the token too.
class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const std::string& authorization) : authorization_(authorization) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("authorization", authorization_);
    }
    methods->Proceed();
  }

 private:
  const std::string& authorization_;
};

// Owned by the channel, which outlives its calls and so their interceptors.
class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(const std::string& token) : authorization_("Bearer " + token) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenInterceptor(authorization_);
  }

 private:
  const std::string authorization_;
};

bool IsUnix(const std::string& server) { return server.rfind(kUnixPrefix, 0) == 0; }

// Splits "host:port", or gives nothing where it is no such thing.
std::string HostOf(const std::string& server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return "";
  }
  const std::string_view port = std::string_view(server).substr(colon + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    return "";
  }
  std::string host = server.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  // An IPv6 address without brackets leaves open where the port begins.
  return host.find_first_of(":/") == std::string::npos ? host : "";
}

absl::Status CheckAddress(const std::string& server) {
  if (IsUnix(server)) {
    const size_t length = server.size() - kUnixPrefix.size();
    if (length == 0 || length > kMaxSocketPath) {
      return absl::InvalidArgumentError("server `" + server + "`: a socket's path has 1 to " +
                                        std::to_string(kMaxSocketPath) + " bytes, this one " +
                                        std::to_string(length) + "; use a shorter folder");
    }
    return absl::OkStatus();
  }
  if (HostOf(server).empty()) {
    return absl::InvalidArgumentError("server `" + server +
                                      "`: give unix:PATH or HOST:PORT, such as gpu-host:7870");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ChannelOptions& options) {
  const bool secure =
      !options.ca_file.empty() || !options.cert_file.empty() || !IsLocalAddress(options.server);
  if (!secure) {
    return grpc::InsecureChannelCredentials();
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError("a certificate and its key are given together or not at all");
  }
  grpc::SslCredentialsOptions ssl;
  if (!options.ca_file.empty()) {
    CUSP_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadFile(options.ca_file, kMaxCertificateBytes));
    CUSP_RETURN_IF_ERROR(CheckCertificates(options.ca_file, ssl.pem_root_certs));
  }
  if (!options.cert_file.empty()) {
    CUSP_ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadFile(options.cert_file, kMaxCertificateBytes));
    CUSP_ASSIGN_OR_RETURN(ssl.pem_private_key, ReadSecretFile(options.key_file));
    CUSP_RETURN_IF_ERROR(
        CheckKeyPair(options.cert_file, ssl.pem_cert_chain, options.key_file, ssl.pem_private_key));
  }
  return grpc::SslCredentials(ssl);
}

grpc::ChannelArguments Arguments(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Each channel has connections of its own, so that closing it closes them.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!IsUnix(server)) {
    // Finds a peer that vanished without a word; a Unix socket's cannot.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  }
  // A proxy of the environment would see the token, and can't reach a private
  // machine anyway.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  absl::StatusOr<std::string> token = ReadSecretFile(path);
  if (absl::IsNotFound(token.status())) {
    return absl::NotFoundError("access token: " + std::string(token.status().message()) +
                               "; name its file with --token-file or CUSP_TOKEN_FILE");
  }
  return token;
}

}  // namespace

bool IsLocalAddress(const std::string& server) {
  if (IsUnix(server)) {
    return true;
  }
  const std::string host = HostOf(server);
  return host == "localhost" || host == "::1" ||
         (host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ChannelOptions& options) {
  CUSP_RETURN_IF_ERROR(CheckAddress(options.server));
  CUSP_ASSIGN_OR_RETURN(auto credentials, Credentials(options));
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!options.token_file.empty()) {
    CUSP_ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
    // A header's value; anything else would make gRPC abort the call silently.
    for (const char c : token) {
      if (c <= ' ' || c > '~') {
        return absl::InvalidArgumentError(options.token_file +
                                          ": a token is one line of printable characters");
      }
    }
    interceptors.push_back(std::make_unique<TokenInterceptorFactory>(token));
  }
  SetUpGrpc();
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      options.server, credentials, Arguments(options.server), std::move(interceptors));
}

}  // namespace cusp
