// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace forge3d::tiles {

PartFile::PartFile(std::filesystem::path path) : path_(std::move(path)), part_path_(path_) {
  part_path_ += ".part";
}

tl::unexpected<Error> PartFile::io_error(std::string_view action) const {
  const std::string reason = std::generic_category().message(errno);
  return fail(ErrorCode::kIo, fmt::format("cannot {} {}: {}", action, part_path_.string(), reason));
}

Result<std::unique_ptr<PartFile>> PartFile::create(const std::filesystem::path& path) {
  std::unique_ptr<PartFile> made(new PartFile(path));
  made->file_ = ::open(made->part_path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (made->file_ < 0) return made->io_error("create");
  return made;
}

PartFile::~PartFile() {
  if (file_ < 0) return;  // never created, or published
  ::close(file_);
  ::unlink(part_path_.c_str());
}

Result<> PartFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return io_error("write");
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> PartFile::sync() {
  if (::fsync(file_) != 0) return io_error("sync");
  return {};
}

Result<> PartFile::close_file() {
  const int closed = ::close(std::exchange(file_, -1));
  if (closed == 0) return {};
  auto error = io_error("close");
  ::unlink(part_path_.c_str());
  return error;
}

void PartFile::sync_folder() const {
  std::filesystem::path folder = path_.parent_path();
  if (folder.empty()) folder = ".";
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  ::fsync(handle);  // some file systems refuse this; the file itself is safe already
  ::close(handle);
}

Result<> PartFile::publish() {
  FORGE3D_TRY(sync());
  FORGE3D_TRY(close_file());
  if (::rename(part_path_.c_str(), path_.c_str()) != 0) {
    auto error = io_error("rename");
    ::unlink(part_path_.c_str());
    return error;
  }
  sync_folder();
  return {};
}

}  // namespace forge3d::tiles
