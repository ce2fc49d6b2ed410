#include "worker/runner/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <string_view>

#include "common/check.h"

namespace cusp::runner {
namespace {

// LibTorch has a type for a device's exhaustion, but not for the host's, nor
// for libraries that allocate by themselves.
constexpr std::array<std::string_view, 6> kOutOfMemoryTexts = {
    "can't allocate memory",      // DefaultCPUAllocator
    "out of memory",              // the driver, outside the caching allocator
    "ALLOC_FAILED",               // cuBLAS, cuDNN
    "could not create a memory",  // oneDNN
    "Storage size calculation overflowed",
    "integer multiplication overflow",  // more elements than 2^63
};

// LibTorch lists every operator in some messages.
constexpr size_t kMaxMessageBytes = 2000;

// oneDNN says this when it finds no memory for a kernel; where it has no kernel
// at all, "descriptor" follows.
bool IsPrimitiveWithoutMemory(std::string_view message) {
  constexpr std::string_view kText = "could not create a primitive";
  const size_t at = message.find(kText);
  return at != std::string_view::npos && !message.substr(at + kText.size()).starts_with(" desc");
}

bool TellsOfMemory(std::string_view message) {
  for (const std::string_view text : kOutOfMemoryTexts) {
    if (message.find(text) != std::string_view::npos) {
      return true;
    }
  }
  return IsPrimitiveWithoutMemory(message);
}

// Bytes of the UTF-8 character at the start of `text`; 0 where there is none.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length > text.size()) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

// A message may quote input, or have been cut inside a character; the worker's
// protobuf would refuse a whole response for one such byte.
std::string ToUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    valid += length > 0 ? text.substr(0, length) : "?";
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return valid;
}

absl::Status FromMessage(std::string message) {
  if (message.size() > kMaxMessageBytes) {
    message.resize(kMaxMessageBytes);
    message += " …";
  }
  return TellsOfMemory(message) ? absl::ResourceExhaustedError(message)
                                : absl::InternalError(message);
}

v1::Failure::Reason ToReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return v1::Failure::REASON_OUT_OF_MEMORY;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return v1::Failure::REASON_INVALID_CONFIG;
    case absl::StatusCode::kFailedPrecondition:
      return v1::Failure::REASON_BAD_REQUEST;
    default:
      return v1::Failure::REASON_INTERNAL;
  }
}

}  // namespace

absl::Status RunCaught(absl::FunctionRef<absl::Status()> body) {
  std::exception_ptr exception;
  try {
    return body();
  } catch (...) {
    exception = std::current_exception();
  }
  // Outside the handler: whatever the exception's frames held is free by now,
  // so that the message finds memory.
  return StatusOfException(exception);
}

absl::Status StatusOfException(const std::exception_ptr& exception) {
  CUSP_CHECK(exception != nullptr);
  try {
    std::rethrow_exception(exception);
  } catch (const c10::OutOfMemoryError& e) {
    return absl::ResourceExhaustedError(e.what_without_backtrace());
  } catch (const c10::NotImplementedError& e) {
    return absl::UnimplementedError(
        std::string(e.what_without_backtrace()).substr(0, kMaxMessageBytes));
  } catch (const c10::Error& e) {
    return FromMessage(e.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the process's memory is exhausted");
  } catch (const std::exception& e) {
    return FromMessage(e.what());
  } catch (...) {
    return absl::InternalError("an exception of unknown type");
  }
}

v1::Failure ToFailure(const absl::Status& status) {
  CUSP_CHECK(!status.ok());
  v1::Failure failure;
  failure.set_reason(ToReason(status.code()));
  failure.set_message(ToUtf8({status.message().data(), status.message().size()}));
  return failure;
}

}  // namespace cusp::runner
