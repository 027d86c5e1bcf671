// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/tool.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "forge3d/image.hpp"
#include "support/shared_data.hpp"

namespace forge3d::test {
namespace {

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

ToolRun run_tool(const std::vector<std::string>& arguments) {
  const TempFolder folder;
  std::string command = quoted(FORGE3D_TOOL);
  for (const std::string& argument : arguments) command.append(" ").append(quoted(argument));
  command += " >" + quoted((folder / "out").string()) + " 2>" + quoted((folder / "err").string()) +
             " </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(folder / "out"),
          read_text(folder / "err")};
}

void write_picture(const std::filesystem::path& path, std::uint32_t width, std::uint32_t height) {
  Image image = make_image({.width = width, .height = height, .channels = 3}).value();
  std::uint32_t state = 12345;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t c = 0; c < 3; ++c) {
        state = state * 1664525u + 1013904223u;
        const std::uint32_t base = c == 0 ? x * 200 / width : c == 1 ? y * 200 / height : 100;
        image.row(y)[x * 3 + c] = static_cast<std::byte>(base + (state >> 27));
      }
  ASSERT_TRUE(save_png(path, image));
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace forge3d::test
