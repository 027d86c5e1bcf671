// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the tests find real input that does not travel with the repository.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace forge3d::test {

/// `relative` below the shared folder ($FORGE3D_SHARED, else ../shared), or nullopt when it is not
/// there.
inline std::optional<std::filesystem::path> shared_path(const std::string& relative) {
  const char* root = std::getenv("FORGE3D_SHARED");
  std::filesystem::path path =
      std::filesystem::path(root != nullptr ? root : "../shared") / relative;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path;
}

/// A fresh empty folder for one test, removed with the object.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "forge3d-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace forge3d::test

/// Skips the test with one clear line when the shared folder lacks `relative`; else declares `name`
/// as its path.
#define FORGE3D_REQUIRE_SHARED(name, relative)                                      \
  const auto name##_found = ::forge3d::test::shared_path(relative);                 \
  if (!name##_found)                                                                \
    GTEST_SKIP() << "needs the shared data folder: " << (relative) << " is absent"; \
  const std::filesystem::path name = *name##_found
