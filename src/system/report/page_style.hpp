// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The style sheet of report pages. No fonts, no files, no network.

#include <string_view>

namespace forge3d::report {

inline constexpr std::string_view kPageStyle = R"css(
:root { color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --ink: #1b1c1e; --soft: #5d6066; --line: #dfdfda; --limit: #c2262e;
  --c1: #2a78d6; --c2: #eb6834; --c3: #1baf7a; --c4: #eda100; --c5: #4a3aa7; --c6: #e34948;
  --c7: #e87ba4; --c8: #008300; --c9: #85888e; }
@media (prefers-color-scheme: dark) { :root {
  --page: #141517; --card: #1d1f22; --ink: #e9e9e6; --soft: #a3a6ab; --line: #34373c; --limit: #ff6b6b;
  --c1: #3987e5; --c2: #d95926; --c3: #199e70; --c4: #c98500; --c5: #9085e9; --c6: #e66767;
  --c7: #d55181; --c8: #2f9c2f; --c9: #8b8f96; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 52px 0 12px; }
p { margin: 0 0 14px; max-width: 76ch; } p.lead { color: var(--soft); font-size: 17px; }
small, .soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px; margin: 22px 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.card b { display: block; font-size: 22px; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.card span { display: block; font-size: 13.5px; color: var(--soft); }
.card.bad b { color: var(--limit); }
figure { margin: 0 0 18px; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 14px 16px; }
figcaption { margin-bottom: 6px; font-size: 15px; }
figure img { width: 100%; height: auto; display: block; border-radius: 6px; background: #181a20; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13.5px; color: var(--soft); }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--line); stroke-width: 1; } .stop { stroke: var(--soft); stroke-width: 1; opacity: .35; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.limit { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 6 4; }
.limit-name { fill: var(--limit); font-size: 12.5px; font-weight: 600; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .area { stroke-width: .5; }
.line.s1 { stroke: var(--c1); } .line.s2 { stroke: var(--c2); } .line.s3 { stroke: var(--c3); }
.line.s4 { stroke: var(--c4); } .line.s5 { stroke: var(--c5); } .line.s6 { stroke: var(--c6); }
.line.s7 { stroke: var(--c7); } .line.s8 { stroke: var(--c8); } .line.s9 { stroke: var(--c9); }
.area.s1 { fill: var(--c1); } .area.s2 { fill: var(--c2); } .area.s3 { fill: var(--c3); }
.area.s4 { fill: var(--c4); } .area.s5 { fill: var(--c5); } .area.s6 { fill: var(--c6); }
.area.s7 { fill: var(--c7); } .area.s8 { fill: var(--c8); } .area.s9 { fill: var(--c9); }
.key.s1 { background: var(--c1); } .key.s2 { background: var(--c2); } .key.s3 { background: var(--c3); }
.key.s4 { background: var(--c4); } .key.s5 { background: var(--c5); } .key.s6 { background: var(--c6); }
.key.s7 { background: var(--c7); } .key.s8 { background: var(--c8); } .key.s9 { background: var(--c9); }
.heap-block { fill: var(--line); } .heap-used { fill: var(--c1); }
.bar { display: block; height: 9px; border-radius: 3px; min-width: 1px; }
.limit-line { fill: none; stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 6 4; }
.cell { stroke: var(--card); stroke-width: 1; } .cell.free { fill: var(--line); opacity: .55; }
.cell.pinned { stroke: var(--ink); stroke-width: 2; }
.l0 { fill: #0b3d91; background: #0b3d91; } .l1 { fill: #1f62c4; background: #1f62c4; }
.l2 { fill: #2f8fd8; background: #2f8fd8; } .l3 { fill: #2fb3c4; background: #2fb3c4; }
.l4 { fill: #4cc38a; background: #4cc38a; } .l5 { fill: #a6cf4f; background: #a6cf4f; }
.l6 { fill: #edc52f; background: #edc52f; } .l7 { fill: #f0913a; background: #f0913a; }
.l8 { fill: #dd5a48; background: #dd5a48; } .l9 { fill: #a8327d; background: #a8327d; }
.key.free { background: var(--line); } .key.pinned { border: 2px solid var(--ink); background: none; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; }
.pair figure { margin: 0; } .stopbox { margin-bottom: 22px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; }
pre, code { font: 13.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
input[type=range] { width: 100%; margin: 12px 0 2px; accent-color: var(--c1); }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 8px; margin-top: 10px; }
.strip button { all: unset; cursor: pointer; font-size: 12.5px; color: var(--soft); }
.strip img { border: 2px solid transparent; } .strip button[aria-current=true] img { border-color: var(--c1); }
.strip button:focus-visible img { border-color: var(--ink); }
@media (max-width: 640px) { .pair { grid-template-columns: 1fr; } h1 { font-size: 25px; } }
)css";

}  // namespace forge3d::report
