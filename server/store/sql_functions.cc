#include "server/store/sql_functions.h"

#include <sqlite3.h>

#include <cstring>
#include <string>
#include <string_view>

namespace cusp::server {
namespace {

constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

// Whether to go on; else the call has its answer.
bool MayGoOn(sqlite3_context* context) {
  if (!static_cast<const SqlWatch*>(sqlite3_user_data(context))->IsOver()) {
    return true;
  }
  sqlite3_result_error_code(context, SQLITE_INTERRUPT);
  return false;
}

bool AnyNull(int count, sqlite3_value** values) {
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) {
      return true;
    }
  }
  return false;
}

bool IsBlob(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_BLOB; }

std::string_view Bytes(const void* data, sqlite3_value* value) {
  const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), size);
}

std::string_view TextOf(sqlite3_value* value) { return Bytes(sqlite3_value_text(value), value); }

std::string_view BlobOf(sqlite3_value* value) { return Bytes(sqlite3_value_blob(value), value); }

// memmem(), in time linear in both, which string_view::find() is not.
size_t Find(std::string_view text, std::string_view part, size_t from) {
  const void* const found =
      memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

int64_t Characters(std::string_view text) {
  int64_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  }
  return count;
}

// instr(X, Y): in bytes where both are blobs, else in characters, from 1; 0 for none.
void Instr(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!MayGoOn(context) || AnyNull(count, values)) {
    return;
  }
  const bool blobs = IsBlob(values[0]) && IsBlob(values[1]);
  const std::string_view text = blobs ? BlobOf(values[0]) : TextOf(values[0]);
  const std::string_view part = blobs ? BlobOf(values[1]) : TextOf(values[1]);
  if (part.empty()) {
    sqlite3_result_int(context, 1);
    return;
  }
  const size_t at = text.empty() ? std::string_view::npos : Find(text, part, 0);
  if (at == std::string_view::npos) {
    sqlite3_result_int(context, 0);
    return;
  }
  sqlite3_result_int64(context,
                       1 + (blobs ? static_cast<int64_t>(at) : Characters(text.substr(0, at))));
}

// replace(X, Y, Z)
void Replace(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  if (!MayGoOn(context) || AnyNull(2, values)) {
    return;
  }
  const std::string_view text = TextOf(values[0]);
  const std::string_view part = TextOf(values[1]);
  if (part.empty()) {  // then Z does not matter, even if it is NULL
    sqlite3_result_value(context, values[0]);
    return;
  }
  if (AnyNull(1, &values[2])) {
    return;
  }
  const std::string_view with = TextOf(values[2]);
  const auto limit = static_cast<size_t>(
      sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1));
  std::string result;
  size_t from = 0;
  while (result.size() <= limit) {
    const size_t at = text.empty() ? std::string_view::npos : Find(text, part, from);
    result.append(text.substr(from, at == std::string_view::npos ? at : at - from));
    if (at == std::string_view::npos) {
      break;
    }
    result.append(with);
    from = at + part.size();
  }
  if (result.size() > limit) {
    sqlite3_result_error_toobig(context);
    return;
  }
  sqlite3_result_text(context, result.data(), static_cast<int>(result.size()), SQLITE_TRANSIENT);
}

// The pattern comes first. False where the call has its answer.
bool TakePattern(sqlite3_context* context, sqlite3_value** values) {
  static const bool kNeverBlobs = sqlite3_compileoption_used("LIKE_DOESNT_MATCH_BLOBS") != 0;
  if (!MayGoOn(context)) {
    return false;
  }
  if (kNeverBlobs && (IsBlob(values[0]) || IsBlob(values[1]))) {
    sqlite3_result_int(context, 0);
    return false;
  }
  if (sqlite3_value_bytes(values[0]) <= kMaxSqlPatternBytes) {
    return true;
  }
  const std::string message = "a pattern of LIKE or GLOB may have " +
                              std::to_string(kMaxSqlPatternBytes) +
                              " bytes; shorten it, or use instr(X, Y) > 0 to find a text";
  sqlite3_result_error(context, message.c_str(), -1);
  return false;
}

const char* Chars(sqlite3_value* value) {
  return reinterpret_cast<const char*>(sqlite3_value_text(value));
}

// The code point of a text of one character, else 0.
unsigned int OneCharacter(std::string_view text) {
  constexpr size_t kLongest = 4;  // bytes of a character
  if (text.empty() || text.size() > kLongest || Characters(text) != 1) {
    return 0;
  }
  const auto lead = static_cast<unsigned char>(text[0]);
  unsigned int code = lead < 0xc0U ? lead : lead & (0x3fU >> (text.size() - 1));
  for (size_t i = 1; i < text.size(); ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  return code;
}

// like(Y, X), like(Y, X, Z): X LIKE Y ESCAPE Z
void Like(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!TakePattern(context, values)) {
    return;
  }
  unsigned int escape = 0;
  if (count == 3 && !AnyNull(1, &values[2])) {
    escape = OneCharacter(TextOf(values[2]));
    if (escape == 0) {
      sqlite3_result_error(context, "ESCAPE expression must be a single character", -1);
      return;
    }
    if (escape == '%' || escape == '_') {  // sqlite3_strlike() does not know of these
      sqlite3_result_error(context, "ESCAPE may be neither % nor _; use another character", -1);
      return;
    }
  }
  if (!AnyNull(count, values)) {
    const int order = sqlite3_strlike(Chars(values[0]), Chars(values[1]), escape);
    sqlite3_result_int(context, order == 0 ? 1 : 0);
  }
}

void Glob(sqlite3_context* context, int count, sqlite3_value** values) {
  if (TakePattern(context, values) && !AnyNull(count, values)) {
    sqlite3_result_int(context, sqlite3_strglob(Chars(values[0]), Chars(values[1])) == 0 ? 1 : 0);
  }
}

void RefuseTrim(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  sqlite3_result_error(context,
                       "trim, ltrim and rtrim with characters to remove can take very long and are "
                       "refused; use trim(X), which removes spaces, substr or replace",
                       -1);
}

struct Function {
  const char* name;
  int arguments;
  void (*call)(sqlite3_context*, int, sqlite3_value**);
};

constexpr Function kFunctions[] = {
    {"instr", 2, &Instr},      {"replace", 3, &Replace},  {"like", 2, &Like},
    {"like", 3, &Like},        {"glob", 2, &Glob},        {"trim", 2, &RefuseTrim},
    {"ltrim", 2, &RefuseTrim}, {"rtrim", 2, &RefuseTrim},
};

}  // namespace

absl::Status InstallSqlFunctions(sqlite3* connection, const SqlWatch& watch) {
  for (const Function& function : kFunctions) {
    if (sqlite3_create_function_v2(connection, function.name, function.arguments, kFlags,
                                   const_cast<SqlWatch*>(&watch), function.call, nullptr, nullptr,
                                   nullptr) != SQLITE_OK) {
      return absl::InternalError(std::string(function.name) + ": " + sqlite3_errmsg(connection));
    }
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
