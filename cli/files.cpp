// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace forge3d::cli {
namespace {

tl::unexpected<Error> io_error(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  return fail(ErrorCode::kIo, fmt::format("{}: cannot {}: {}", path.string(), what,
                                          std::generic_category().message(number)));
}

/// A file being written; removed again unless it was renamed into place.
class PartFile {
 public:
  explicit PartFile(const std::filesystem::path& path)
      : path_(path.string() + fmt::format(".{}.part", ::getpid())),
        descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}
  ~PartFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  bool write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor_) == 0;
  }

  bool rename_to(const std::filesystem::path& path) {
    const bool closed = ::close(std::exchange(descriptor_, -1)) == 0;
    if (!closed || ::rename(path_.c_str(), path.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace

Result<FileKind> detect_file_kind(const std::filesystem::path& path) {
  constexpr std::string_view kKtx2{"\xABKTX 20\xBB\r\n\x1A\n", 12};
  constexpr std::string_view kPmtiles{"PMTiles", 7};
  constexpr std::array<std::string_view, 4> kTiffs = {
      std::string_view("II*\0", 4), std::string_view("MM\0*", 4), std::string_view("II+\0", 4),
      std::string_view("MM\0+", 4)};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(ErrorCode::kIo, path.string() + ": is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return io_error("open", path);
  std::array<char, 12> head{};
  file.read(head.data(), head.size());
  const std::string_view bytes(head.data(), static_cast<std::size_t>(file.gcount()));
  if (bytes == kKtx2) return FileKind::kKtx2;
  if (bytes.substr(0, kPmtiles.size()) == kPmtiles) return FileKind::kPmtiles;
  for (const std::string_view tiff : kTiffs)
    if (bytes.starts_with(tiff)) return FileKind::kTiff;
  return FileKind::kOther;
}

Result<> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  PartFile part(path);
  if (!part.is_open()) return io_error("create", path);
  if (!part.write(bytes)) return io_error("write", path);
  if (!part.rename_to(path)) return io_error("rename into place", path);
  return {};
}

Result<> write_file(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

Result<> make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return fail(ErrorCode::kIo,
                fmt::format("{}: cannot create the folder: {}", path.string(), error.message()));
  return {};
}

std::uint64_t file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

}  // namespace forge3d::cli
