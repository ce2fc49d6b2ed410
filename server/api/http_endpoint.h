// A few read-only pages over HTTP, for monitoring on this machine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

struct MHD_Daemon;

namespace cusp::server {

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

// Serves GET and HEAD of the pages it is given; anything else gets 404 or 405. One
// thread serves all connections, of which there are at most 32; one that is silent for
// 5 s is closed, so that a slow client costs others nothing. The destructor closes all.
class HttpEndpoint {
 public:
  // By path, "/metrics". Called on the one thread, one at a time.
  using Pages = std::map<std::string, std::function<HttpAnswer()>>;

  // `address` is HOST:PORT; port 0 takes a free one. INVALID_ARGUMENT for a bad address
  // and for one that is not this machine's loopback; UNAVAILABLE (in use).
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(const std::string& address,
                                                             Pages pages);

  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;
  ~HttpEndpoint();

  // HOST:PORT, with the port that was chosen.
  const std::string& address() const { return address_; }

  // The page at `path` for a request of `method`.
  HttpAnswer Answer(const std::string& method, const std::string& path) const;

 private:
  explicit HttpEndpoint(Pages pages) : pages_(std::move(pages)) {}

  const Pages pages_;
  std::string address_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace cusp::server
