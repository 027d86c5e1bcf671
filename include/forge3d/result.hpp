// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Result<T> and Error: how every fallible call of forge3d answers. The library never throws on
// purpose.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace forge3d {

/// What kind of failure an Error is. Each maps to one exit code of the tool and one Python
/// exception.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,    ///< The caller broke a stated rule (zero size, bad alignment, wrong thread).
  kIo,                 ///< A file could not be opened, read or written.
  kInvalidFile,        ///< A file was read, and its bytes break a rule of its format.
  kNotSupported,       ///< Valid, but this build or device cannot do it.
  kBudgetExceeded,     ///< The ledger refused: the bytes would pass a limit.
  kOutOfDeviceMemory,  ///< The driver refused device memory although the ledger agreed.
  kOutOfHostMemory,    ///< Host memory ran out.
  kDeviceLost,         ///< The GPU is gone; the device is dead from here on.
  kTimeout,            ///< A deadline passed; the operation goes on.
  kStaleHandle,        ///< A handle was released before, or belongs to another object.
  kCancelled,          ///< The operation was cancelled by its owner.
  kInternal,           ///< A broken invariant of the library; please report it.
};

/// The name of a code, as it appears in messages and JSON ("invalid_file").
[[nodiscard]] std::string_view to_string(ErrorCode code);

/// A failure: its kind, the driver's result where one was involved, one sentence that names the
/// file, offset or key and the rule, and further reasons, outermost first.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::int32_t vk_result = 0;  ///< VkResult of the failing call, 0 when none was involved.
  std::string message;
  std::vector<std::string> reasons;

  /// Message and reasons on one line, with the code in front.
  [[nodiscard]] std::string to_string() const;
};

/// A value or an Error.
template <class T = void>
using Result = tl::expected<T, Error>;

/// Builds the error side of any Result: `return fail(ErrorCode::kIo, "cannot open a.png");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, 0, std::move(message), {}});
}

/// Passes on an error with one more reason in front of those it already has.
[[nodiscard]] inline tl::unexpected<Error> fail_from(Error error, std::string reason) {
  error.reasons.insert(error.reasons.begin(), std::move(reason));
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace forge3d

#define FORGE3D_CONCAT_(a, b) a##b
#define FORGE3D_CONCAT(a, b) FORGE3D_CONCAT_(a, b)

/// Returns the error of a Result expression from the enclosing function, else goes on.
#define FORGE3D_TRY(expression)                                                      \
  do {                                                                               \
    if (auto forge3d_result_ = (expression); !forge3d_result_)                       \
      return ::tl::unexpected<::forge3d::Error>(std::move(forge3d_result_).error()); \
  } while (false)

/// `FORGE3D_TRY_ASSIGN(auto x, f());` assigns the value or returns the error.
#define FORGE3D_TRY_ASSIGN(declaration, expression)                   \
  auto FORGE3D_CONCAT(forge3d_value_, __LINE__) = (expression);       \
  if (!FORGE3D_CONCAT(forge3d_value_, __LINE__))                      \
    return ::tl::unexpected<::forge3d::Error>(                        \
        std::move(FORGE3D_CONCAT(forge3d_value_, __LINE__)).error()); \
  declaration = std::move(*FORGE3D_CONCAT(forge3d_value_, __LINE__))
