// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/result.hpp"

namespace forge3d {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kInvalidFile:
      return "invalid_file";
    case ErrorCode::kNotSupported:
      return "not_supported";
    case ErrorCode::kBudgetExceeded:
      return "budget_exceeded";
    case ErrorCode::kOutOfDeviceMemory:
      return "out_of_device_memory";
    case ErrorCode::kOutOfHostMemory:
      return "out_of_host_memory";
    case ErrorCode::kDeviceLost:
      return "device_lost";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kStaleHandle:
      return "stale_handle";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string Error::to_string() const {
  std::string text(forge3d::to_string(code));
  for (const std::string& reason : reasons) text += ": " + reason;
  text += ": " + message;
  return text;
}

}  // namespace forge3d
