#include "client/lib/admin_client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr int64_t kPageSize = 1000;

// All rows, page after page, or the first `limit` where that is not 0: `call` fills a
// response, and `rows` gives what is in it.
template <typename Row, typename Response, typename Request, typename Call, typename Rows>
absl::StatusOr<std::vector<Row>> AllPages(Request request, int64_t limit, Call call, Rows rows) {
  std::vector<Row> all;
  const auto left = [&] { return limit - static_cast<int64_t>(all.size()); };
  do {
    request.set_page_size(
        static_cast<int32_t>(limit > 0 ? std::min(left(), kPageSize) : kPageSize));
    Response response;
    CUSP_RETURN_IF_ERROR(call(request, response));
    auto* page = rows(response);
    std::move(page->begin(), page->end(), std::back_inserter(all));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || left() > 0));
  return all;
}

}  // namespace

absl::StatusOr<v1::GetCallerResponse> AdminClient::GetCaller() {
  v1::GetCallerResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().GetCaller(&context, v1::GetCallerRequest(), &response);
  }));
  return response;
}

absl::StatusOr<v1::CreateTokenResponse> AdminClient::CreateToken(const std::string& user,
                                                                 v1::Token::Role role,
                                                                 int64_t lifetime_seconds) {
  v1::CreateTokenRequest request;
  request.set_request_id(NewUuid());
  request.set_user(user);
  request.set_role(role);
  if (lifetime_seconds > 0) {
    request.mutable_lifetime()->set_seconds(lifetime_seconds);
  }
  v1::CreateTokenResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().CreateToken(&context, request, &response);
  }));
  return response;
}

absl::StatusOr<std::vector<v1::Token>> AdminClient::ListTokens() {
  return AllPages<v1::Token, v1::ListTokensResponse>(
      v1::ListTokensRequest(), 0,
      [&](const auto& request, auto& response) {
        return client_.Call([&](grpc::ClientContext& context) {
          return client_.admin().ListTokens(&context, request, &response);
        });
      },
      [](auto& response) { return response.mutable_tokens(); });
}

absl::StatusOr<v1::Token> AdminClient::RevokeToken(const std::string& name) {
  v1::RevokeTokenRequest request;
  request.set_request_id(NewUuid());
  request.set_name(name);
  v1::RevokeTokenResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().RevokeToken(&context, request, &response);
  }));
  return std::move(*response.mutable_token());
}

absl::StatusOr<std::vector<v1::User>> AdminClient::ListUsers() {
  return AllPages<v1::User, v1::ListUsersResponse>(
      v1::ListUsersRequest(), 0,
      [&](const auto& request, auto& response) {
        return client_.Call([&](grpc::ClientContext& context) {
          return client_.admin().ListUsers(&context, request, &response);
        });
      },
      [](auto& response) { return response.mutable_users(); });
}

absl::StatusOr<v1::User> AdminClient::UpdateUser(const v1::User& user,
                                                 const std::vector<std::string>& paths) {
  v1::UpdateUserRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_user() = user;
  for (const std::string& path : paths) {
    request.mutable_update_mask()->add_paths(path);
  }
  v1::UpdateUserResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().UpdateUser(&context, request, &response);
  }));
  return std::move(*response.mutable_user());
}

absl::StatusOr<std::vector<v1::AuditEvent>> AdminClient::ListAuditEvents(
    v1::ListAuditEventsRequest filters, int64_t limit) {
  return AllPages<v1::AuditEvent, v1::ListAuditEventsResponse>(
      std::move(filters), limit,
      [&](const auto& request, auto& response) {
        return client_.Call([&](grpc::ClientContext& context) {
          return client_.admin().ListAuditEvents(&context, request, &response);
        });
      },
      [](auto& response) { return response.mutable_events(); });
}

absl::StatusOr<v1::Worker> AdminClient::DrainWorker(const std::string& worker) {
  v1::DrainWorkerRequest request;
  request.set_request_id(NewUuid());
  request.set_worker(worker);
  v1::DrainWorkerResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().DrainWorker(&context, request, &response);
  }));
  return std::move(*response.mutable_worker());
}

absl::StatusOr<v1::Worker> AdminClient::ResumeWorker(const std::string& worker) {
  v1::ResumeWorkerRequest request;
  request.set_request_id(NewUuid());
  request.set_worker(worker);
  v1::ResumeWorkerResponse response;
  CUSP_RETURN_IF_ERROR(client_.Call([&](grpc::ClientContext& context) {
    return client_.admin().ResumeWorker(&context, request, &response);
  }));
  return std::move(*response.mutable_worker());
}

}  // namespace cusp::client
