#include "common/log_format.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

namespace cusp {
namespace {

TEST(LogFormatTest, PlainValuesStandAsTheyAre) {
  EXPECT_EQ(LogValue("jobs/k3f9"), "jobs/k3f9");
  EXPECT_EQ(LogValue("Größe"), "Größe");
}

TEST(LogFormatTest, ValuesThatWouldBeMisreadAreQuoted) {
  EXPECT_EQ(LogValue(""), "\"\"");
  EXPECT_EQ(LogValue("two words"), "\"two words\"");
  EXPECT_EQ(LogValue("a=b"), "\"a=b\"");
  EXPECT_EQ(LogValue("say \"no\" \\"), R"("say \"no\" \\")");
}

TEST(LogFormatTest, NoValueBeginsAnotherLine) {
  EXPECT_EQ(LogValue("a\nlevel=error"), "\"a\\x0alevel=error\"");
  EXPECT_EQ(LogValue("a\x1b[31m"), "a\\x1b[31m");
}

TEST(LogFormatTest, JsonHasAMemberForEachPair) {
  const auto json = nlohmann::json::parse(
      LogLineToJson("2026-01-01T00:00:00.000Z", "info",
                    R"(job submitted job=jobs/k3f9 user="a \"b\" c" ms=1.5)"));
  EXPECT_EQ(json["time"], "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["message"], "job submitted");
  EXPECT_EQ(json["job"], "jobs/k3f9");
  EXPECT_EQ(json["user"], "a \"b\" c");
  EXPECT_EQ(json["ms"], "1.5");
}

TEST(LogFormatTest, APairCannotTakeTheLinesOwnMembers) {
  const auto json = nlohmann::json::parse(LogLineToJson("t", "info", "x level=error time=never"));
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["level_"], "error");
  EXPECT_EQ(json["time_"], "never");
}

TEST(LogFormatTest, WordsBetweenPairsAndBrokenValuesAreKept) {
  const auto json = nlohmann::json::parse(LogLineToJson("t", "info", "a k=1 more words q=\"open"));
  EXPECT_EQ(json["message"], "a more words");
  EXPECT_EQ(json["k"], "1");
  EXPECT_EQ(json["q"], "open");
  EXPECT_NE(LogLineToJson("t", "info", "bad \xff utf8").find("\xEF\xBF\xBD"), std::string::npos);
}

TEST(LogFormatTest, ALoggerWritesOneObjectALine) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  logger.set_formatter(MakeLogFormatter("json"));
  logger.warn("stopping signal={}", 15);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["message"], "stopping");
  EXPECT_EQ(json["signal"], "15");
  EXPECT_EQ(out.str().find('\n'), out.str().size() - 1);
}

TEST(LogFormatTest, UnknownFormatIsNone) { EXPECT_EQ(MakeLogFormatter("xml"), nullptr); }

}  // namespace
}  // namespace cusp
