#include "common/log_format.h"

#include <spdlog/pattern_formatter.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace cusp {
namespace {

bool IsKeyCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"\\=") != std::string_view::npos;
}

std::string WithoutControl(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      plain += c;
      continue;
    }
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "\\x%02x", byte);
    plain += code.data();
  }
  return plain;
}

// Reads a value that stands at `at`, and moves behind it.
std::string TakeValue(std::string_view line, size_t& at) {
  std::string value;
  if (at >= line.size() || line[at] != '"') {
    const size_t end = std::min(line.find(' ', at), line.size());
    value = line.substr(at, end - at);
    at = end;
    return value;
  }
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size() && (line[at + 1] == '"' || line[at + 1] == '\\')) {
      ++at;
    }
    value += line[at];
  }
  at = std::min(at + 1, line.size());
  return value;
}

// Length of "key=" at `at`, or 0.
size_t KeyLength(std::string_view line, size_t at) {
  size_t end = at;
  while (end < line.size() && IsKeyCharacter(line[end])) {
    ++end;
  }
  return end > at && end < line.size() && line[end] == '=' ? end - at : 0;
}

// Where the pairs begin: behind the first words.
size_t StartOfPairs(std::string_view line) {
  for (size_t at = 0; at < line.size(); ++at) {
    if ((at == 0 || line[at - 1] == ' ') && KeyLength(line, at) > 0) {
      return at;
    }
  }
  return line.size();
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(msg.time.time_since_epoch()).count();
    const std::time_t seconds = micros / 1'000'000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 48> time{};
    std::snprintf(time.data(), time.size(), "%s.%03dZ", date.data(),
                  static_cast<int>(micros % 1'000'000 / 1000));
    const auto level = spdlog::level::to_string_view(msg.level);
    const std::string json = LogLineToJson(time.data(), {level.data(), level.size()},
                                           {msg.payload.data(), msg.payload.size()}) +
                             "\n";
    dest.append(json.data(), json.data() + json.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

std::string LogValue(std::string_view text) {
  if (!NeedsQuotes(text)) {
    return WithoutControl(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return WithoutControl(quoted + "\"");
}

std::string LogLineToJson(std::string_view time, std::string_view level, std::string_view line) {
  nlohmann::ordered_json json = {{"time", time}, {"level", level}};
  size_t at = StartOfPairs(line);
  const std::string_view words = line.substr(0, at);
  json["message"] = words.substr(0, words.find_last_not_of(' ') + 1);
  while (at < line.size()) {
    const size_t length = KeyLength(line, at);
    if (length == 0) {  // words between pairs belong to the message
      const size_t end = std::min(line.find(' ', at), line.size());
      json["message"] =
          json["message"].get<std::string>() + " " + std::string(line.substr(at, end - at));
      at = end + 1;
      continue;
    }
    std::string key(line.substr(at, length));
    at += length + 1;
    if (json.contains(key)) {
      key += "_";  // time, level and message are the line's own
    }
    json[key] = TakeValue(line, at);
    ++at;
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::unique_ptr<spdlog::formatter> MakeLogFormatter(std::string_view format) {
  if (format == "text") {
    return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                       spdlog::pattern_time_type::utc);
  }
  return format == "json" ? std::make_unique<JsonFormatter>() : nullptr;
}

}  // namespace cusp
