#include "server/api/admin_service.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/grpc_status.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "server/api/admin_requests.h"
#include "server/api/answer.h"
#include "server/api/mutation.h"
#include "server/api/names.h"
#include "server/api/worker_view.h"
#include "server/store/jobs.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr char kTokenPage = 't';
constexpr char kUserPage = 'u';

// A page of what `list` gives after a position: one more row than asked for tells
// whether there is another page.
template <typename Row, typename List, typename Add, typename Position>
absl::Status Page(Store& store, int page_size, List list, Add add, Position next) {
  CUSP_ASSIGN_OR_RETURN(std::vector<Row> rows, store.Read<std::vector<Row>>([&](Database& db) {
    return list(db, page_size + 1);
  }));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.pop_back();
    next(rows.back());
  }
  for (const Row& row : rows) {
    *add() = ToProto(row);
  }
  return absl::OkStatus();
}

}  // namespace

template <typename Request, typename Response, typename Change, typename Committed>
grpc::ServerUnaryReactor* AdminService::Mutate(grpc::CallbackServerContext* context,
                                               const Caller& caller, const Request& request,
                                               Response* response, Change change,
                                               Committed committed) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  deps_.store.Write<Response>(
      [key = KeyOf(caller.user, request), change](Transaction& tx) {
        return AnswerOnce<Response>(tx, key, [&](Response& answer) -> absl::Status {
          return change(tx, key.user, answer);
        });
      },
      [reactor, response, committed, caller](absl::StatusOr<Response> answer) {
        if (answer.ok()) {
          *response = std::move(*answer);
          committed(caller.user, *response);
        }
        reactor->Finish(ToGrpc(answer.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::GetCaller(grpc::CallbackServerContext* context,
                                                  const v1::GetCallerRequest* /*request*/,
                                                  v1::GetCallerResponse* response) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kRead);
  if (caller.ok()) {
    response->set_user(caller->user);
    response->set_role(static_cast<v1::Token::Role>(caller->role));
  }
  return Answer(context, caller.status());
}

grpc::ServerUnaryReactor* AdminService::CreateToken(grpc::CallbackServerContext* context,
                                                    const v1::CreateTokenRequest* request,
                                                    v1::CreateTokenResponse* response) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kAdminister);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  const absl::StatusOr<NewTokenRow> row = CheckNewToken(*request);
  if (!row.ok()) {
    return Answer(context, row.status());
  }
  const absl::StatusOr<std::optional<int64_t>> lifetime = LifetimeMicros(*request);
  if (!lifetime.ok()) {
    return Answer(context, lifetime.status());
  }
  // Beside the answer, which is stored: the secret is not.
  const auto secret = std::make_shared<std::string>();
  return Mutate(
      context, *caller, *request, response,
      [row = *row, lifetime = *lifetime, secret](Transaction& tx, const std::string& actor,
                                                 v1::CreateTokenResponse& answer) -> absl::Status {
        *secret = NewToken();
        NewTokenRow token = row;
        token.sha256_hex = Sha256Hex(*secret);
        if (lifetime.has_value()) {
          token.expire_time_us = tx.now_us + *lifetime;
        }
        CUSP_ASSIGN_OR_RETURN(const Token stored, InsertToken(tx, token, actor));
        *answer.mutable_token() = ToProto(stored);
        return absl::OkStatus();
      },
      [secret](const std::string& actor, v1::CreateTokenResponse& answer) {
        answer.set_secret(*secret);
        spdlog::info("token created name={} user={} role={} by={}", answer.token().name(),
                     answer.token().user(), v1::Token::Role_Name(answer.token().role()), actor);
      });
}

grpc::ServerUnaryReactor* AdminService::ListTokens(grpc::CallbackServerContext* context,
                                                   const v1::ListTokensRequest* request,
                                                   v1::ListTokensResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    CUSP_ASSIGN_OR_RETURN(const int page_size, PageSize(request->page_size()));
    int64_t after = 0;
    if (!request->page_token().empty()) {
      CUSP_ASSIGN_OR_RETURN(after, DecodeNumericPageToken(kTokenPage, request->page_token()));
    }
    return Page<Token>(
        deps_.store, page_size,
        [after](Database& db, int limit) { return server::ListTokens(db, after, limit); },
        [response] { return response->add_tokens(); },
        [response](const Token& last) {
          response->set_next_page_token(EncodePageToken(kTokenPage, std::to_string(last.id)));
        });
  };
  return Answer(context, list());
}

grpc::ServerUnaryReactor* AdminService::RevokeToken(grpc::CallbackServerContext* context,
                                                    const v1::RevokeTokenRequest* request,
                                                    v1::RevokeTokenResponse* response) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kAdminister);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  const absl::Status id_check = CheckRequestId(request->request_id());
  if (!id_check.ok()) {
    return Answer(context, id_check);
  }
  const absl::StatusOr<int64_t> id = ParseTokenName(request->name());
  if (!id.ok()) {
    return Answer(context, id.status());
  }
  return Mutate(
      context, *caller, *request, response,
      [id = *id](Transaction& tx, const std::string& actor,
                 v1::RevokeTokenResponse& answer) -> absl::Status {
        CUSP_ASSIGN_OR_RETURN(const Token token, server::RevokeToken(tx, id, actor));
        *answer.mutable_token() = ToProto(token);
        return absl::OkStatus();
      },
      [this, id = *id](const std::string& actor, const v1::RevokeTokenResponse& answer) {
        deps_.gate.Cut(id);
        spdlog::info("token revoked name={} user={} by={}", answer.token().name(),
                     answer.token().user(), actor);
      });
}

grpc::ServerUnaryReactor* AdminService::ListUsers(grpc::CallbackServerContext* context,
                                                  const v1::ListUsersRequest* request,
                                                  v1::ListUsersResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    CUSP_ASSIGN_OR_RETURN(const int page_size, PageSize(request->page_size()));
    std::string after;
    if (!request->page_token().empty()) {
      CUSP_ASSIGN_OR_RETURN(after, DecodePageToken(kUserPage, request->page_token()));
    }
    return Page<User>(
        deps_.store, page_size,
        [&after](Database& db, int limit) { return server::ListUsers(db, after, limit); },
        [response] { return response->add_users(); },
        [response](const User& last) {
          response->set_next_page_token(EncodePageToken(kUserPage, last.name));
        });
  };
  return Answer(context, list());
}

grpc::ServerUnaryReactor* AdminService::UpdateUser(grpc::CallbackServerContext* context,
                                                   const v1::UpdateUserRequest* request,
                                                   v1::UpdateUserResponse* response) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kAdminister);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  const absl::StatusOr<UserChange> change = CheckUserChange(*request);
  if (!change.ok()) {
    return Answer(context, change.status());
  }
  return Mutate(
      context, *caller, *request, response,
      [name = request->user().name(), change = *change](
          Transaction& tx, const std::string& actor,
          v1::UpdateUserResponse& answer) -> absl::Status {
        CUSP_ASSIGN_OR_RETURN(const User user, server::UpdateUser(tx, name, change, actor));
        *answer.mutable_user() = ToProto(user);
        return absl::OkStatus();
      },
      [](const std::string& actor, const v1::UpdateUserResponse& answer) {
        spdlog::info("user updated name={} by={}", answer.user().name(), actor);
      });
}

grpc::ServerUnaryReactor* AdminService::ListAuditEvents(grpc::CallbackServerContext* context,
                                                        const v1::ListAuditEventsRequest* request,
                                                        v1::ListAuditEventsResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    CUSP_ASSIGN_OR_RETURN(AuditFilter filter, CheckAuditFilter(*request));
    std::string job;
    if (!request->job().empty()) {
      CUSP_ASSIGN_OR_RETURN(job, ParseJobName(request->job()));
    }
    return Page<AuditEvent>(
        deps_.store, filter.limit,
        [&](Database& db, int limit) -> absl::StatusOr<std::vector<AuditEvent>> {
          if (!job.empty()) {
            CUSP_ASSIGN_OR_RETURN(filter.job_id, ResolveJob(db, job));
          }
          filter.limit = limit;
          return server::ListAuditEvents(db, filter);
        },
        [response] { return response->add_events(); },
        [response](const AuditEvent& last) {
          response->set_next_page_token(EncodePageToken(kAuditPage, std::to_string(last.id)));
        });
  };
  return Answer(context, list());
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* AdminService::SetDrained(grpc::CallbackServerContext* context,
                                                   const Request& request, Response* response,
                                                   bool drained) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kAdminister);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  const absl::Status id_check = CheckRequestId(request.request_id());
  if (!id_check.ok()) {
    return Answer(context, id_check);
  }
  const absl::StatusOr<std::string> name = ParseWorkerName(request.worker());
  if (!name.ok()) {
    return Answer(context, name.status());
  }
  return Mutate(
      context, *caller, request, response,
      [this, name = *name, drained](Transaction& tx, const std::string& actor,
                                    Response& answer) -> absl::Status {
        CUSP_ASSIGN_OR_RETURN(const ListedWorker worker,
                              server::DrainWorker(tx, name, drained, actor));
        *answer.mutable_worker() = ViewOf(worker, deps_.board);
        return absl::OkStatus();
      },
      [this, name = *name, drained](const std::string& actor, const Response&) {
        deps_.dispatcher.SyncAgain(name);
        spdlog::info("worker {} name={} by={}", drained ? "drained" : "resumed", name, actor);
      });
}

grpc::ServerUnaryReactor* AdminService::DrainWorker(grpc::CallbackServerContext* context,
                                                    const v1::DrainWorkerRequest* request,
                                                    v1::DrainWorkerResponse* response) {
  return SetDrained(context, *request, response, true);
}

grpc::ServerUnaryReactor* AdminService::ResumeWorker(grpc::CallbackServerContext* context,
                                                     const v1::ResumeWorkerRequest* request,
                                                     v1::ResumeWorkerResponse* response) {
  return SetDrained(context, *request, response, false);
}

}  // namespace cusp::server
