// AdminService of proto/cusp/v1/admin_service.proto.
#pragma once

#include "cusp/v1/admin_service.grpc.pb.h"
#include "server/api/dispatcher.h"
#include "server/api/gate.h"
#include "server/api/live_board.h"
#include "server/store/store.h"

namespace cusp::server {

// What administering works with; everything outlives the service.
struct AdminServiceDeps {
  const Gate& gate;
  Store& store;
  const LiveBoard& board;
  Dispatcher& dispatcher;
};

// Validates, translates, and calls the store. Thread-safe.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  explicit AdminService(const AdminServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* GetCaller(grpc::CallbackServerContext* context,
                                      const v1::GetCallerRequest* request,
                                      v1::GetCallerResponse* response) override;
  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context,
                                        const v1::CreateTokenRequest* request,
                                        v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context,
                                       const v1::ListTokensRequest* request,
                                       v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(grpc::CallbackServerContext* context,
                                        const v1::RevokeTokenRequest* request,
                                        v1::RevokeTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListUsers(grpc::CallbackServerContext* context,
                                      const v1::ListUsersRequest* request,
                                      v1::ListUsersResponse* response) override;
  grpc::ServerUnaryReactor* UpdateUser(grpc::CallbackServerContext* context,
                                       const v1::UpdateUserRequest* request,
                                       v1::UpdateUserResponse* response) override;
  grpc::ServerUnaryReactor* ListAuditEvents(grpc::CallbackServerContext* context,
                                            const v1::ListAuditEventsRequest* request,
                                            v1::ListAuditEventsResponse* response) override;
  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* context,
                                        const v1::DrainWorkerRequest* request,
                                        v1::DrainWorkerResponse* response) override;
  grpc::ServerUnaryReactor* ResumeWorker(grpc::CallbackServerContext* context,
                                         const v1::ResumeWorkerRequest* request,
                                         v1::ResumeWorkerResponse* response) override;

 private:
  // One transaction of `change`, once for each request_id, then `committed`, both told
  // who asked; the call counts as open until its answer.
  template <typename Request, typename Response, typename Change, typename Committed>
  grpc::ServerUnaryReactor* Mutate(grpc::CallbackServerContext* context, const Caller& caller,
                                   const Request& request, Response* response, Change change,
                                   Committed committed);
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* SetDrained(grpc::CallbackServerContext* context, const Request& request,
                                       Response* response, bool drained);

  const AdminServiceDeps deps_;
};

}  // namespace cusp::server
