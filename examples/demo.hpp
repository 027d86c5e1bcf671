// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the examples share and none of them is about: arguments, a picture to work on, small SVGs.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <forge3d/image.hpp>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

using namespace forge3d;

struct Arguments {
  std::filesystem::path out = ".";  ///< Folder for pictures.
  std::filesystem::path input;      ///< Empty: the example makes its own.
};

/// The exit codes of the forge3d tool.
inline int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 1;
    case ErrorCode::kIo:
      return 2;
    case ErrorCode::kInvalidFile:
      return 3;
    case ErrorCode::kNotSupported:
      return 5;
    case ErrorCode::kBudgetExceeded:
      return 8;
    default:
      return 4;
  }
}

/// `NAME [OUT_FOLDER [INPUT]]`: runs the example, says what went wrong, gives the exit code.
template <class Body>
int run(int argc, char** argv, const Body& body) {
  if (argc > 3 || (argc > 1 && argv[1][0] == '-')) {
    fmt::print(stderr, "usage: {} [OUT_FOLDER [INPUT]]\n", argv[0]);
    return 1;
  }
  Arguments arguments;
  if (argc > 1) arguments.out = argv[1];
  if (argc > 2) arguments.input = argv[2];
  std::error_code ignored;  // save_*() tells, if there is no folder afterwards
  std::filesystem::create_directories(arguments.out, ignored);
  const Result<> done = body(arguments);
  if (done) return 0;
  fmt::print(stderr, "{}: {}\n", argv[0], done.error().to_string());
  return exit_code(done.error().code);
}

inline double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Rings, a gradient and fine hatching: smooth and sharp parts for codecs and filters.
inline Result<Image> procedural_picture(std::uint32_t width, std::uint32_t height) {
  FORGE3D_TRY_ASSIGN(Image image, make_image({.width = width, .height = height, .channels = 4}));
  for (std::uint32_t y = 0; y < height; ++y) {
    const auto row = image.row(y);
    for (std::uint32_t x = 0; x < width; ++x) {
      const double u = double(x) / width - 0.5, v = double(y) / height - 0.5;
      const double rings = std::sin(60 * std::sqrt(u * u + v * v));
      const bool hatched = x > width / 2 && y > height / 2 && (x / 3 + y / 3) % 2 == 0;
      row[4 * x + 0] = std::byte(int(128 + 100 * rings));
      row[4 * x + 1] = std::byte(int(40 + 180 * (v + 0.5)));
      row[4 * x + 2] = std::byte(hatched ? 30 : int(60 + 160 * (u + 0.5)));
      row[4 * x + 3] = std::byte{255};
    }
  }
  return image;
}

/// The input as 8-bit RGBA where one was given, else a procedural picture.
inline Result<Image> input_picture(const Arguments& arguments, std::uint32_t width,
                                   std::uint32_t height) {
  if (arguments.input.empty()) return procedural_picture(width, height);
  FORGE3D_TRY_ASSIGN(const Image image, load_image(arguments.input));
  return to_rgba8(image);
}

/// The first bytes of the input, or those of a procedural picture.
inline Result<std::vector<std::byte>> input_bytes(const Arguments& arguments,
                                                  std::uint64_t size_bytes) {
  if (arguments.input.empty())
    return procedural_picture(512, 512).map([](Image picture) { return picture.pixels; });
  FORGE3D_TRY_ASSIGN(const auto file, open_file_source(arguments.input));
  std::vector<std::byte> bytes(std::min(file->size_bytes(), size_bytes));
  if (bytes.empty()) return fail(ErrorCode::kInvalidFile, file->name() + ": is empty");
  FORGE3D_TRY(file->read(0, bytes));
  return bytes;
}

inline Result<> save_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) return fail(ErrorCode::kIo, "cannot write " + path.string());
  return {};
}

struct Box {
  double x, y, width, height;
  const char* colour;
};

/// Boxes on white.
inline Result<> save_svg(const std::filesystem::path& path, double width, double height,
                         const std::vector<Box>& boxes) {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width, height);
  for (const Box& box : boxes)
    svg += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n", box.x,
        box.y, box.width, box.height, box.colour);
  return save_text(path, svg + "</svg>\n");
}

}  // namespace demo
