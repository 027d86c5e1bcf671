// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/byte_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace forge3d {
namespace {

// One system call moves at most this much; larger counts are refused or cut by some systems.
constexpr std::size_t kMaxTransferBytes = std::size_t{1} << 30;

Result<> check_range(const ByteSource& source, std::uint64_t offset, std::size_t size_bytes) {
  const std::uint64_t total = source.size_bytes();
  if (offset <= total && size_bytes <= total - offset) return {};
  return fail(ErrorCode::kIo, fmt::format("{}: {} bytes at offset {} pass the end at {}",
                                          source.name(), size_bytes, offset, total));
}

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::string name)
      : bytes_(bytes), name_(std::move(name)) {}

  std::uint64_t size_bytes() const override { return bytes_.size(); }
  std::string name() const override { return name_; }
  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    FORGE3D_TRY(check_range(*this, offset, out.size()));
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
};

class FunctionSource final : public ByteSource {
 public:
  FunctionSource(std::uint64_t size_bytes, ReadFunction read, std::string name)
      : size_bytes_(size_bytes), read_(std::move(read)), name_(std::move(name)) {}

  std::uint64_t size_bytes() const override { return size_bytes_; }
  std::string name() const override { return name_; }
  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    FORGE3D_TRY(check_range(*this, offset, out.size()));
    return out.empty() ? Result<>{} : read_(offset, out);
  }

 private:
  std::uint64_t size_bytes_;
  ReadFunction read_;
  std::string name_;
};

#ifdef _WIN32

using FileHandle = HANDLE;
const FileHandle kNoFile = INVALID_HANDLE_VALUE;

std::string last_error() {
  return std::system_category().message(static_cast<int>(GetLastError()));
}
FileHandle open_handle(const std::filesystem::path& path) {
  return CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                     OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
}
void close_handle(FileHandle file) { CloseHandle(file); }
/// Bytes of a regular file, or -1.
std::int64_t regular_size(FileHandle file) {
  LARGE_INTEGER size;
  return GetFileType(file) == FILE_TYPE_DISK && GetFileSizeEx(file, &size) ? size.QuadPart : -1;
}
/// Bytes read, 0 at the end, -1 on an error.
std::int64_t read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> out) {
  OVERLAPPED where{};
  where.Offset = static_cast<DWORD>(offset);
  where.OffsetHigh = static_cast<DWORD>(offset >> 32);
  DWORD count = 0;
  const DWORD wanted = static_cast<DWORD>(std::min(out.size(), kMaxTransferBytes));
  if (ReadFile(file, out.data(), wanted, &count, &where)) return count;
  return GetLastError() == ERROR_HANDLE_EOF ? 0 : -1;
}

#else

using FileHandle = int;
constexpr FileHandle kNoFile = -1;

std::string last_error() { return std::generic_category().message(errno); }
// O_NONBLOCK keeps a named pipe from blocking the open; regular files ignore it.
FileHandle open_handle(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}
void close_handle(FileHandle file) { ::close(file); }
/// Bytes of a regular file, or -1.
std::int64_t regular_size(FileHandle file) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? std::int64_t{status.st_size} : -1;
}
/// Bytes read, 0 at the end, -1 on an error.
std::int64_t read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> out) {
  ssize_t count = 0;
  do {
    count = ::pread(file, out.data(), std::min(out.size(), kMaxTransferBytes),
                    static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  return count;
}

#endif

class FileSource final : public ByteSource {
 public:
  FileSource(FileHandle file, std::uint64_t size_bytes, std::string name)
      : file_(file), size_bytes_(size_bytes), name_(std::move(name)) {}
  ~FileSource() override { close_handle(file_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  std::uint64_t size_bytes() const override { return size_bytes_; }
  std::string name() const override { return name_; }
  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  FileHandle file_;
  std::uint64_t size_bytes_;
  std::string name_;
};

Result<> FileSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  FORGE3D_TRY(check_range(*this, offset, out.size()));
  while (!out.empty()) {
    const std::int64_t count = read_at(file_, offset, out);
    if (count < 0)
      return fail(ErrorCode::kIo,
                  fmt::format("{}: cannot read at offset {}: {}", name_, offset, last_error()));
    if (count == 0)
      return fail(ErrorCode::kIo,
                  fmt::format("{}: shrank to {} bytes while it was read", name_, offset));
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<ByteSource>> open_file_source(const std::filesystem::path& path) {
  const std::string name = path.string();
  const FileHandle file = open_handle(path);
  if (file == kNoFile)
    return fail(ErrorCode::kIo, fmt::format("{}: cannot open: {}", name, last_error()));
  const std::int64_t size_bytes = regular_size(file);
  if (size_bytes < 0) {
    close_handle(file);
    return fail(ErrorCode::kIo, fmt::format("{}: is not a regular file", name));
  }
  return std::make_shared<FileSource>(file, static_cast<std::uint64_t>(size_bytes), name);
}

std::shared_ptr<ByteSource> make_memory_source(std::span<const std::byte> bytes, std::string name) {
  return std::make_shared<MemorySource>(bytes, std::move(name));
}

std::shared_ptr<ByteSource> make_function_source(std::uint64_t size_bytes, ReadFunction read,
                                                 std::string name) {
  return std::make_shared<FunctionSource>(size_bytes, std::move(read), std::move(name));
}

ArrivingSource::ArrivingSource(std::uint64_t size_bytes, std::string name)
    : size_bytes_(size_bytes), name_(std::move(name)) {}

Result<> ArrivingSource::append(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes.size() > size_bytes_ - arrived_.size())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} bytes behind {} pass its size of {}", name_, bytes.size(),
                            arrived_.size(), size_bytes_));
  try {  // the buffer is a vector
    arrived_.insert(arrived_.end(), bytes.begin(), bytes.end());
  } catch (const std::exception&) {
    return fail(ErrorCode::kOutOfHostMemory,
                fmt::format("{}: cannot allocate {} bytes", name_, bytes.size()));
  }
  return {};
}

std::uint64_t ArrivingSource::available_bytes() const {
  const std::lock_guard lock(mutex_);
  return arrived_.size();
}

Result<> ArrivingSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  FORGE3D_TRY(check_range(*this, offset, out.size()));
  const std::lock_guard lock(mutex_);
  if (offset + out.size() > arrived_.size())
    return fail(ErrorCode::kIo, fmt::format("{}: {} bytes at offset {} have not arrived; {} have",
                                            name_, out.size(), offset, arrived_.size()));
  if (!out.empty()) std::memcpy(out.data(), arrived_.data() + offset, out.size());
  return {};
}

}  // namespace forge3d
