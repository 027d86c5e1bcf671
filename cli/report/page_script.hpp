// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The script of a flight's page.

#include <string_view>

namespace forge3d::cli {

/// Moves through the kept frames: slider, thumbnails and arrow keys show one picture and its
/// caption.
inline constexpr std::string_view kPageScript = R"js(
(function () {
  var big = document.getElementById('frame'), text = document.getElementById('caption');
  var slider = document.getElementById('slider');
  var buttons = Array.prototype.slice.call(document.querySelectorAll('.strip button'));
  if (!big || !slider) return;
  function show(i) {
    big.src = buttons[i].querySelector('img').src;
    big.alt = text.textContent = buttons[i].dataset.caption;
    slider.value = i;
    buttons.forEach(function (b, k) { b.setAttribute('aria-current', k === i); });
  }
  slider.addEventListener('input', function () { show(+slider.value); });
  buttons.forEach(function (b, i) { b.addEventListener('click', function () { show(i); }); });
  show(+slider.value);
})();
)js";

}  // namespace forge3d::cli
