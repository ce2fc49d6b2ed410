// Services beside those of FakeCoordinator that answer as a test tells them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/lib/client.h"
#include "client/lib/connection.h"
#include "common/sha256.h"
#include "cusp/v1/archive_service.grpc.pb.h"
#include "cusp/v1/operations_service.grpc.pb.h"
#include "cusp/v1/query_service.grpc.pb.h"

namespace cusp::client {

class FakeQueryService final : public v1::QueryService::Service {
 public:
  std::vector<v1::RunQueryResponse> responses;
  grpc::Status status;
  v1::RunQueryRequest asked;

  grpc::Status RunQuery(grpc::ServerContext* /*context*/, const v1::RunQueryRequest* request,
                        grpc::ServerWriter<v1::RunQueryResponse>* writer) override {
    asked = *request;
    for (const v1::RunQueryResponse& response : responses) {
      writer->Write(response);
    }
    return status;
  }
  grpc::Status ListViews(grpc::ServerContext* /*context*/, const v1::ListViewsRequest* /*request*/,
                         v1::ListViewsResponse* response) override {
    v1::SqlView& view = *response->add_views();
    view.set_name("v_jobs");
    view.add_columns("job");
    view.add_columns("state");
    return grpc::Status::OK;
  }
};

class FakeArchiveService final : public v1::ArchiveService::Service {
 public:
  std::string bytes = "an archive";  // to export
  std::string taken;                 // by import
  bool already_present = false;
  grpc::Status status;

  grpc::Status ExportJob(grpc::ServerContext* /*context*/, const v1::ExportJobRequest* /*request*/,
                         grpc::ServerWriter<v1::ExportJobResponse>* writer) override {
    for (const char c : bytes) {
      v1::ExportJobResponse response;
      response.set_data(std::string(1, c));
      writer->Write(response);
    }
    return status;
  }
  grpc::Status ImportJob(grpc::ServerContext* /*context*/,
                         grpc::ServerReader<v1::ImportJobRequest>* reader,
                         v1::ImportJobResponse* response) override {
    v1::ImportJobRequest request;
    while (reader->Read(&request)) {
      taken += request.data();
    }
    response->mutable_job()->set_name("jobs/k3f9");
    response->set_already_present(already_present);
    return status;
  }
};

class FakeOperationsService final : public v1::OperationsService::Service {
 public:
  std::string database = "a database";
  std::string sha256;  // empty: the true one
  grpc::Status status;
  v1::PruneSamplesRequest prune;
  v1::DiagnoseRequest diagnose;
  std::vector<v1::Finding> findings;

  grpc::Status BackupDatabase(grpc::ServerContext* /*context*/,
                              const v1::BackupDatabaseRequest* /*request*/,
                              grpc::ServerWriter<v1::BackupDatabaseResponse>* writer) override {
    v1::BackupDatabaseResponse response;
    response.set_data(database);
    writer->Write(response);
    v1::BackupDatabaseResponse last;
    last.set_size_bytes(static_cast<int64_t>(database.size()));
    last.set_sha256(sha256.empty() ? Sha256Hex(database) : sha256);
    writer->Write(last);
    return status;
  }
  grpc::Status PruneSamples(grpc::ServerContext* /*context*/,
                            const v1::PruneSamplesRequest* request,
                            v1::PruneSamplesResponse* response) override {
    prune = *request;
    response->set_jobs(2);
    response->set_blocks(30);
    response->set_samples(4000);
    return status;
  }
  grpc::Status Diagnose(grpc::ServerContext* /*context*/, const v1::DiagnoseRequest* request,
                        v1::DiagnoseResponse* response) override {
    diagnose = *request;
    response->mutable_findings()->Add(findings.begin(), findings.end());
    return status;
  }
};

// A server in this process with those services, also on `address` if given.
class FakeOperations {
 public:
  explicit FakeOperations(const std::string& address = "", grpc::Service* more = nullptr) {
    grpc::ServerBuilder builder;
    if (!address.empty()) {
      builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    }
    for (grpc::Service* service :
         {static_cast<grpc::Service*>(&queries), static_cast<grpc::Service*>(&archives),
          static_cast<grpc::Service*>(&operations), more}) {
      if (service != nullptr) {
        builder.RegisterService(service);
      }
    }
    server_ = builder.BuildAndStart();
    Client::Options options;
    options.server = "unix:fake";
    client_ = std::make_unique<Client>(server_->InProcessChannel({}), std::move(options));
  }

  Connection connection() { return {server_->InProcessChannel({}), *client_}; }

  FakeQueryService queries;
  FakeArchiveService archives;
  FakeOperationsService operations;

 private:
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Client> client_;
};

}  // namespace cusp::client
