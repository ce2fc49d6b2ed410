#include "server/api/http_endpoint.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "common/status_macros.h"
#include "server/auth/listen_address.h"

namespace cusp::server {
namespace {

constexpr unsigned kMaxConnections = 32;
constexpr unsigned kIdleSeconds = 5;
constexpr size_t kMaxRequestBytes = 8192;  // headers of one connection

struct Sockaddr {
  sockaddr_storage storage{};
  bool is_v6 = false;
};

absl::StatusOr<Sockaddr> LoopbackOf(const ListenAddress& address) {
  Sockaddr result;
  result.is_v6 = address.host.find(':') != std::string::npos;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  const auto port = htons(static_cast<uint16_t>(address.port));
  bool parsed = false;
  if (result.is_v6) {
    auto& in = reinterpret_cast<sockaddr_in6&>(result.storage);
    in.sin6_family = AF_INET6;
    in.sin6_port = port;
    parsed = inet_pton(AF_INET6, host.c_str(), &in.sin6_addr) == 1;
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(result.storage);
    in.sin_family = AF_INET;
    in.sin_port = port;
    parsed = inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1;
  }
  if (!parsed) {
    return absl::InvalidArgumentError("--metrics-listen " + address.ToString() +
                                      ": is no address; give 127.0.0.1:PORT");
  }
  return result;
}

absl::StatusOr<ListenAddress> ParseAddress(const std::string& text) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  if (!address.ok() || address->is_unix) {
    return absl::InvalidArgumentError("--metrics-listen " + text +
                                      ": give HOST:PORT, such as 127.0.0.1:9464");
  }
  if (!address->is_loopback) {
    return absl::InvalidArgumentError(
        "--metrics-listen " + text +
        " is open to the network, and the pages ask for no token; listen on 127.0.0.1, and let a "
        "proxy with TLS and passwords forward to it where others must read them");
  }
  return address;
}

MHD_Result Handle(void* self, MHD_Connection* connection, const char* url, const char* method,
                  const char* /*version*/, const char* /*upload*/, size_t* upload_size,
                  void** seen) {
  static char mark;
  if (*seen == nullptr) {  // headers alone are there; the body, if any, follows
    *seen = &mark;
    return MHD_YES;
  }
  *upload_size = 0;
  const HttpAnswer answer = static_cast<const HttpEndpoint*>(self)->Answer(method, url);
  MHD_Response* const response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) {
    return MHD_NO;
  }
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  const MHD_Result queued =
      MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(const std::string& address,
                                                                  Pages pages) {
  CUSP_ASSIGN_OR_RETURN(ListenAddress parsed, ParseAddress(address));
  CUSP_ASSIGN_OR_RETURN(const Sockaddr socket, LoopbackOf(parsed));
  std::unique_ptr<HttpEndpoint> endpoint(new HttpEndpoint(std::move(pages)));
  const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
                         (socket.is_v6 ? unsigned{MHD_USE_IPv6} : 0U);
  endpoint->daemon_ = MHD_start_daemon(
      flags, 0, nullptr, nullptr, &Handle, endpoint.get(), MHD_OPTION_SOCK_ADDR, &socket.storage,
      MHD_OPTION_CONNECTION_LIMIT, kMaxConnections, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMaxRequestBytes, MHD_OPTION_END);
  if (endpoint->daemon_ == nullptr) {
    return absl::UnavailableError("cannot listen on " + parsed.ToString() +
                                  " for --metrics-listen; is the address in use?");
  }
  const MHD_DaemonInfo* const info =
      MHD_get_daemon_info(endpoint->daemon_, MHD_DAEMON_INFO_BIND_PORT);
  parsed.port = info == nullptr ? parsed.port : info->port;
  endpoint->address_ = parsed.ToString();
  return endpoint;
}

HttpEndpoint::~HttpEndpoint() {
  if (daemon_ != nullptr) {
    MHD_stop_daemon(daemon_);
  }
}

HttpAnswer HttpEndpoint::Answer(const std::string& method, const std::string& path) const {
  const auto page = pages_.find(path);
  if (page == pages_.end()) {
    std::string known;
    for (const auto& [name, make] : pages_) {
      known += " " + name;
    }
    return {.status = MHD_HTTP_NOT_FOUND, .body = "no such page; there are:" + known + "\n"};
  }
  if (method != "GET" && method != "HEAD") {
    return {.status = MHD_HTTP_METHOD_NOT_ALLOWED, .body = "only GET and HEAD\n"};
  }
  return page->second();
}

}  // namespace cusp::server
