// Every method of every service, as protobuf describes them, under every role.
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/server/api/tcp_fixture.h"
#include "tests/support/paths.h"

namespace cusp::server {
namespace {

using Codes = std::map<std::string, grpc::StatusCode>;

constexpr auto kPatience = std::chrono::seconds(60);

// Letters of the roles that may: Reader, Submitter, Worker, Admin.
const std::map<std::string, std::string>& Table() {
  static const std::map<std::string, std::string> table = {
      {"cusp.v1.AdminService/CreateToken", "A"},
      {"cusp.v1.AdminService/DrainWorker", "A"},
      {"cusp.v1.AdminService/GetCaller", "RSA"},
      {"cusp.v1.AdminService/ListAuditEvents", "A"},
      {"cusp.v1.AdminService/ListTokens", "A"},
      {"cusp.v1.AdminService/ListUsers", "A"},
      {"cusp.v1.AdminService/ResumeWorker", "A"},
      {"cusp.v1.AdminService/RevokeToken", "A"},
      {"cusp.v1.AdminService/UpdateUser", "A"},
      {"cusp.v1.JobService/CancelJob", "SA"},
      {"cusp.v1.JobService/GetJob", "RSA"},
      {"cusp.v1.JobService/ListJobs", "RSA"},
      {"cusp.v1.JobService/SubmitJob", "SA"},
      {"cusp.v1.JobService/WatchJob", "RSA"},
      {"cusp.v1.ResultService/GetJobResult", "RSA"},
      {"cusp.v1.ResultService/ListBlocks", "RSWA"},
      {"cusp.v1.ResultService/ListHistory", "RSA"},
      {"cusp.v1.WorkerService/FinishAttempt", "WA"},
      {"cusp.v1.WorkerService/ListWorkers", "RSA"},
      {"cusp.v1.WorkerService/RegisterWorker", "WA"},
      {"cusp.v1.WorkerService/StreamSamples", "WA"},
      {"cusp.v1.WorkerService/SyncWorker", "WA"},
      {"cusp.v1.JobService/HoldJob", "SA"},
      {"cusp.v1.JobService/ReleaseJob", "SA"},
      {"cusp.v1.JobService/RetryJob", "SA"},
      {"cusp.v1.JobService/SetJobPriority", "SA"},
      {"cusp.v1.QueryService/RunQuery", "RSA"},
      {"cusp.v1.QueryService/ListViews", "RSA"},
      {"cusp.v1.ArchiveService/ExportJob", "RSA"},
      {"cusp.v1.ArchiveService/ImportJob", "SA"},
      {"cusp.v1.OperationsService/BackupDatabase", "A"},
      {"cusp.v1.OperationsService/PruneSamples", "A"},
      {"cusp.v1.OperationsService/Diagnose", "A"},
      {"cusp.v1.ArtifactService/StatArtifact", "RSWA"},
      {"cusp.v1.ArtifactService/UploadArtifact", "SA"},
      {"cusp.v1.ArtifactService/DownloadArtifact", "WA"},
  };
  return table;
}

// "package.Service/Method" of all services in proto/cusp/v1.
std::set<std::string> DescribedMethods() {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  std::set<std::string> methods;
  for (const auto& entry : std::filesystem::directory_iterator(SourceFolder() + "/proto/cusp/v1")) {
    const std::string name = "cusp/v1/" + entry.path().filename().string();
    if (!name.ends_with("_service.proto")) {
      continue;
    }
    const auto* file = pool->FindFileByName(name);
    if (file == nullptr) {
      ADD_FAILURE() << name << " is served by no coordinator";
      continue;
    }
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.insert(file->service(i)->full_name() + "/" + file->service(i)->method(j)->name());
      }
    }
  }
  return methods;
}

// The table of docs/security.md as Table() has it, by methods without their services.
std::map<std::string, std::string> DocumentedRoles() {
  std::istringstream page(ReadFile(SourceFolder() + "/docs/security.md", 1U << 20U).value_or(""));
  std::map<std::string, std::string> roles;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    inside = line.rfind("## ", 0) == 0 ? line == "## Roles" : inside;
    if (!inside || line.rfind("| `", 0) != 0) {
      continue;
    }
    std::istringstream cells(line.substr(1));
    std::string methods;
    std::getline(cells, methods, '|');
    std::string letters;
    for (const char letter : {'R', 'S', 'W', 'A'}) {
      std::string cell;
      std::getline(cells, cell, '|');
      letters += cell.find_first_not_of(' ') == std::string::npos ? "" : std::string(1, letter);
    }
    for (size_t at = 0; (at = methods.find('`', at)) != std::string::npos;) {
      const size_t end = methods.find('`', at + 1);
      const std::string method = methods.substr(at + 1, end - at - 1);
      EXPECT_TRUE(roles.emplace(method, letters).second) << method << " is there twice";
      at = end + 1;
    }
  }
  return roles;
}

class RoleMatrixTest : public TcpTest {
 protected:
  // The answer to one empty message, whatever kind of call it is.
  grpc::StatusCode Call(const std::string& method, const std::string& token) {
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    const auto context = With(token);
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    const auto call = stub.PrepareCall(context.get(), "/" + method, &queue);
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::Status status;
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    call->WriteLast(request, grpc::WriteOptions(), nullptr);
    queue.Next(&tag, &ok);
    grpc::ByteBuffer response;
    do {
      call->Read(&response, nullptr);
      queue.Next(&tag, &ok);
    } while (ok);
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    queue.Shutdown();
    return status.error_code();
  }

  Codes CallAll(const std::string& token) {
    Codes codes;
    for (const auto& [method, roles] : Table()) {
      codes[method] = Call(method, token);
    }
    return codes;
  }

  void ExpectAll(const std::string& token, grpc::StatusCode code) {
    for (const auto& [method, got] : CallAll(token)) {
      EXPECT_EQ(got, code) << method;
    }
  }
};

TEST_F(RoleMatrixTest, TableNamesEveryMethod) {
  std::set<std::string> named;
  for (const auto& [method, roles] : Table()) {
    named.insert(method);
  }
  EXPECT_EQ(named, DescribedMethods()) << "say who may call it, here and in server/auth";
}

TEST_F(RoleMatrixTest, SecurityPageHasTheSameTable) {
  std::map<std::string, std::string> roles;
  for (const auto& [method, letters] : Table()) {
    roles[method.substr(method.find('/') + 1)] = letters;
  }
  EXPECT_EQ(DocumentedRoles(), roles);
}

TEST_F(RoleMatrixTest, EachRoleMayWhatTheTableSays) {
  const std::map<char, std::string> tokens = {
      {'R', MakeToken("r", v1::Token::ROLE_READER).secret()},
      {'S', MakeToken("s", v1::Token::ROLE_SUBMITTER).secret()},
      {'W', MakeToken("w", v1::Token::ROLE_WORKER).secret()},
      {'A', admin_token_}};
  for (const auto& [letter, token] : tokens) {
    for (const auto& [method, code] : CallAll(token)) {
      EXPECT_NE(code, grpc::StatusCode::UNAUTHENTICATED) << letter << " " << method;
      EXPECT_NE(code, grpc::StatusCode::UNIMPLEMENTED) << letter << " " << method;
      const bool may = Table().at(method).find(letter) != std::string::npos;
      EXPECT_EQ(code != grpc::StatusCode::PERMISSION_DENIED, may) << letter << " " << method;
    }
  }
}

TEST_F(RoleMatrixTest, WithoutAGoodTokenNothingIsServed) {
  ExpectAll("", grpc::StatusCode::UNAUTHENTICATED);
  ExpectAll("guess", grpc::StatusCode::UNAUTHENTICATED);
  ExpectAll(NewToken(), grpc::StatusCode::UNAUTHENTICATED);

  const auto revoked = MakeToken("a", v1::Token::ROLE_ADMIN);
  ASSERT_THAT(List(revoked.secret()), IsOk());
  ASSERT_THAT(Revoke(revoked.token().name()), IsOk());
  ExpectAll(revoked.secret(), grpc::StatusCode::UNAUTHENTICATED);

  const auto expiring = MakeToken("a", v1::Token::ROLE_ADMIN, 60);
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_THAT(List(expiring.secret()), IsOk());
  clock_.Advance(std::chrono::seconds(1));
  ExpectAll(expiring.secret(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(RoleMatrixTest, StrangersReachHealthAlone) {
  EXPECT_EQ(Call("grpc.health.v1.Health/Check", ""), grpc::StatusCode::OK);
  EXPECT_EQ(Call("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", ""),
            grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace cusp::server
