// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "metrics.hpp"

#include <nanobind/stl/string.h>

#include <array>
#include <string>

#include "arguments.hpp"
#include "forge3d/metrics.hpp"
#include "images.hpp"
#include "life.hpp"

namespace forge3d::python {
namespace {

nb::dict compare(nb::handle a, nb::handle b) {
  const Image first = image_argument(a, true, "a"), second = image_argument(b, true, "b");
  const ImageDifference difference =
      value(without_gil([&] { return compare_images(first, second); }));
  nb::dict dict;
  dict["psnr_db"] = difference.psnr_rgb_db;
  dict["psnr_rgba_db"] = difference.psnr_rgba_db;
  constexpr std::array kChannels = {"psnr_r_db", "psnr_g_db", "psnr_b_db", "psnr_a_db"};
  for (std::size_t i = 0; i < 4; ++i) dict[kChannels[i]] = difference.psnr_db[i];
  dict["max_error"] = difference.max_error_any;
  return dict;
}

/// A measure of two images that is one number.
template <Result<double> (*kMeasure)(const Image&, const Image&)>
double measure(nb::handle reference, nb::handle array) {
  const Image first = image_argument(reference, true, "reference");
  const Image second = image_argument(array, true, "array");
  return value(without_gil([&] { return kMeasure(first, second); }));
}

nb::dict normal_degrees(nb::handle reference, nb::handle array, const std::string& encoding) {
  const auto held = encoding == "xyz"  ? std::optional(NormalEncoding::kXyz)
                    : encoding == "xy" ? std::optional(NormalEncoding::kXy)
                                       : std::nullopt;
  const NormalEncoding channels = word_argument("encoding", encoding, held, "'xyz' or 'xy'");
  const Image first = image_argument(reference, false, "reference");
  const Image second = image_argument(array, false, "array");
  const NormalDifference difference =
      value(without_gil([&] { return compare_normals(first, second, channels); }));
  return degrees_dict(difference);
}

}  // namespace

nb::dict degrees_dict(const NormalDifference& difference) {
  nb::dict dict;
  dict["mean"] = difference.mean_degrees;
  dict["p99"] = difference.p99_degrees;
  dict["max"] = difference.max_degrees;
  return dict;
}

void bind_metrics(nb::module_& module) {
  module.def("compare_images", compare, nb::arg("a"), nb::arg("b"),
             nb::sig("def compare_images(a: numpy.typing.NDArray[typing.Any], "
                     "b: numpy.typing.NDArray[typing.Any]) -> dict[str, float]"),
             "PSNR over RGB, RGBA and each channel in dB (infinite when equal) and the largest "
             "error as a share of full scale.");
  module.def("ssim", measure<ssim>, nb::arg("reference"), nb::arg("array"),
             nb::sig("def ssim(reference: numpy.typing.NDArray[typing.Any], "
                     "array: numpy.typing.NDArray[typing.Any]) -> float"),
             "Structural similarity of luma; 1 when equal.");
  module.def("log_psnr", measure<log_psnr>, nb::arg("reference"), nb::arg("array"),
             nb::sig("def log_psnr(reference: numpy.typing.NDArray[typing.Any], "
                     "array: numpy.typing.NDArray[typing.Any]) -> float"),
             "PSNR over RGB of log2(1 + x) in dB, for floats.");
  module.def("alpha_weighted_psnr", measure<alpha_weighted_psnr>, nb::arg("reference"),
             nb::arg("array"),
             nb::sig("def alpha_weighted_psnr(reference: numpy.typing.NDArray[typing.Any], "
                     "array: numpy.typing.NDArray[typing.Any]) -> float"),
             "PSNR over RGB in dB, each texel weighted with the alpha of `reference`.");
  module.def("normal_degrees", normal_degrees, nb::arg("reference"), nb::arg("array"),
             nb::arg("encoding"),
             nb::sig("def normal_degrees(reference: numpy.typing.NDArray[typing.Any], "
                     "array: numpy.typing.NDArray[typing.Any], encoding: str) -> "
                     "dict[str, float]"),
             "Angles between the directions of two normal maps: mean, p99, max.");
}

}  // namespace forge3d::python
