#include "common/grpc_log.h"

#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "common/log_format.h"

namespace cusp {
namespace {

class GrpcLogTest : public testing::Test {
 protected:
  // The line that gRPC's own becomes.
  std::string Line(const char* format, gpr_log_severity severity, const char* message) {
    std::ostringstream out;
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out)));
    spdlog::set_formatter(MakeLogFormatter(format));
    RouteGrpcLog();
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_DEBUG);  // as GRPC_VERBOSITY does
    gpr_log_message("/build/grpc/src/core/chttp2_server.cc", 1045, severity, message);
    return out.str();
  }
};

TEST_F(GrpcLogTest, ErrorIsAWarningOnOneLineWithItsSource) {
  const std::string line = Line("text", GPR_LOG_SEVERITY_ERROR, "no address\n{\"a\":1}\x1b[31m");
  EXPECT_EQ(line.substr(line.find(' ') + 1),
            "warning gRPC reports source=grpc at=chttp2_server.cc:1045 "
            "text=\"no address\\x0a{\\\"a\\\":1}\\x1b[31m\"\n");
}

TEST_F(GrpcLogTest, JsonHasItsMembers) {
  const auto json =
      nlohmann::json::parse(Line("json", GPR_LOG_SEVERITY_ERROR, "level=error source=me"));
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["message"], "gRPC reports");
  EXPECT_EQ(json["source"], "grpc");
  EXPECT_EQ(json["at"], "chttp2_server.cc:1045");
  EXPECT_EQ(json["text"], "level=error source=me");
}

TEST_F(GrpcLogTest, WhatIsNoErrorKeepsItsLevel) {
  EXPECT_NE(Line("text", GPR_LOG_SEVERITY_INFO, "a").find("Z info gRPC"), std::string::npos);
  EXPECT_EQ(Line("text", GPR_LOG_SEVERITY_DEBUG, "a"), "");  // the logger's level is info
}

}  // namespace
}  // namespace cusp
