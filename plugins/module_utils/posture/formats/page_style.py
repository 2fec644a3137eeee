# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page looks: on a phone, on a desk, in the dark and on paper. Pure.

Every pair of a text's colour and what is behind it has a contrast of 4.5 to 1 or more; a test holds that.
"""

from __future__ import annotations

LIGHT = {
    "ground": "#f6f7f9", "card": "#ffffff", "ink": "#1a2230", "soft": "#566072", "rule": "#d9dee6", "accent": "#1d4ed8",
    "compliant": "#166534", "compliant-back": "#dcfce7", "drift": "#b91c1c", "drift-back": "#fee2e2",
    "unreachable": "#9a3412", "unreachable-back": "#ffedd5", "error": "#86198f", "error-back": "#fae8ff",
    "unsupported": "#475569", "unsupported-back": "#e2e8f0", "waived": "#1e40af", "waived-back": "#dbeafe",
}  # fmt: skip
DARK = {
    "ground": "#0f141c", "card": "#171e29", "ink": "#e6eaf1", "soft": "#9aa6b8", "rule": "#2c3645", "accent": "#8ab4ff",
    "compliant": "#86efac", "compliant-back": "#123524", "drift": "#fca5a5", "drift-back": "#451a1d",
    "unreachable": "#fdba74", "unreachable-back": "#43260f", "error": "#f0abfc", "error-back": "#3d1746",
    "unsupported": "#cbd5e1", "unsupported-back": "#2b3543", "waived": "#bfdbfe", "waived-back": "#1b2f55",
}  # fmt: skip
"""Colours by name; `-back` is what stands behind the text of that name."""

_TONES = {
    "compliant": "compliant", "pass": "compliant", "in_force": "compliant", "info": "unsupported", "low": "unsupported",
    "drift": "drift", "fail": "drift", "expired": "drift", "critical": "drift", "high": "unreachable",
    "unreachable": "unreachable", "ending": "unreachable", "medium": "unsupported",
    "error": "error", "unsupported": "unsupported", "unknown": "unsupported", "unneeded": "unsupported",
    "unseen": "unsupported", "not_applicable": "unsupported", "waived": "waived",
}  # fmt: skip
"""Which of these colours a class of an element has."""


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def _marks() -> str:
    return "".join(
        f".mark.{name},td.{name},.legend b.{name}{{color:var(--{tone});background:var(--{tone}-back)}}"
        for name, tone in _TONES.items()
    )


def _series() -> str:
    names = ("compliant", "drift", "unreachable", "error", "unsupported")
    fills = "".join(f"rect.{name}{{fill:var(--{name})}}i.{name}{{background:var(--{name})}}" for name in names)
    return f"{fills}article.device{{border-left-color:var(--rule)}}" + "".join(
        f"article.{name}{{border-left-color:var(--{name})}}" for name in names
    )


STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    """
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:76rem;background:var(--ground);color:var(--ink);
  font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2;margin:.1rem 0 .3rem}
h2{font-size:1.15rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:0}
h4{font-size:.8rem;margin:.75rem 0 .25rem;color:var(--soft);text-transform:uppercase;letter-spacing:.04em}
p{margin:.25rem 0}
code{font:.875em/1.4 ui-monospace,"Cascadia Mono",Menlo,"DejaVu Sans Mono",monospace}
header{display:flex;flex-wrap:wrap;gap:1rem 2rem;justify-content:space-between;align-items:center;margin-bottom:1rem}
header>div:first-child{flex:1 1 18rem;min-width:0}
section{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
footer{color:var(--soft);font-size:.85rem;padding:.25rem 0 1rem}
.kicker{color:var(--soft);font-size:.9rem}
.sub,.unit{color:var(--soft);font-size:.875rem}
.score{flex:0 0 auto;min-width:9rem}
.number{font-size:2.6rem;font-weight:700;line-height:1;margin-right:.4rem}
.bar{display:block;height:.4rem;border-radius:.2rem;background:var(--rule);margin-top:.3rem;overflow:hidden;
  print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar i{display:block;height:100%}
i.good{background:var(--compliant)}i.fair{background:var(--unreachable)}i.poor{background:var(--drift)}
ul{list-style:none;margin:0;padding:0}
.chips,.legend{display:flex;flex-wrap:wrap;gap:.35rem 1rem;margin:.5rem 0;font-size:.9rem}
.legend{font-size:.8rem;color:var(--soft)}
.legend b{display:inline-block;min-width:1.4rem;text-align:center;border-radius:.25rem;margin-right:.35rem}
.key{display:inline-block;width:.75rem;height:.75rem;border-radius:.15rem;margin-right:.35rem;vertical-align:-.05rem}
.mark{display:inline-block;padding:0 .5rem;border-radius:1rem;font-size:.8rem;font-weight:600;white-space:nowrap}
.mark,td,.legend b,rect,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.control{display:inline-block;padding:0 .4rem;border:1px solid var(--rule);border-radius:.25rem;font-size:.78rem;
  font-weight:600;white-space:nowrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroller{overflow-x:auto;position:relative}
.scroller:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);overflow-wrap:normal}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
th[scope=row]{font-weight:600;overflow-wrap:anywhere;max-width:16rem;min-width:5rem}
td,th,code,dd,b,.name{unicode-bidi:isolate}
.time{white-space:nowrap}
.wide{min-width:40rem}
.wide td,.wide th[scope=row]{overflow-wrap:anywhere}
.wide th[scope=row]{min-width:4rem}
.scored{min-width:5rem}
.matrix{width:auto}
.matrix td,.matrix thead th{text-align:center;padding:.25rem .3rem}
.matrix thead th{font-size:.75rem}
.matrix td{font-weight:700;border:1px solid var(--card)}
.matrix .group{background:var(--ground);color:var(--soft);text-align:left}
.pinned{position:sticky;left:0;background:var(--card);z-index:1;text-align:left!important;max-width:14rem;
  overflow-wrap:anywhere;min-width:6rem}
@media (min-width:45rem){.pinned{min-width:10rem}}
@media (max-width:45rem){
  .matrix{font-size:.75rem}
  .matrix td,.matrix thead th{padding:.2rem}
  .matrix .pinned{min-width:5rem;max-width:7rem}
}
abbr{text-decoration:none}
figure{margin:0;flex:1 1 20rem;min-width:0}
figcaption{font-size:.875rem;color:var(--soft);margin-bottom:.25rem}
.charts{display:flex;flex-wrap:wrap;gap:1rem 2rem}
svg{display:block}
.trend{width:100%;height:auto}
.trend text{fill:var(--soft);font-size:11px}
.axis{stroke:var(--rule)}
.line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.dot{fill:var(--accent)}
.spark{width:6rem;height:1.5rem}
details{margin-top:.5rem;font-size:.875rem}
summary{cursor:pointer;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:1.25rem;
  align-items:start}
article.device{border-left:4px solid;padding:.1rem 0 .1rem .9rem;min-width:0}
.message{font-weight:600;white-space:pre-line}
.points>li{padding:.45rem 0;border-top:1px solid var(--rule)}
.points>li.waived{border-left:3px solid var(--waived);padding-left:.6rem}
.field{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem .75rem;margin:.25rem 0;font-size:.875rem}
dt{color:var(--soft)}
dd{margin:0;font-family:ui-monospace,"Cascadia Mono",Menlo,"DejaVu Sans Mono",monospace;white-space:pre-wrap}
.declared{color:var(--compliant)}
.found{color:var(--drift)}
@page{margin:10mm}
@media print{
  :root{font-size:10pt;"""
    + _variables(LIGHT)
    + """}
  body{max-width:none;padding:0;background:#fff}
  section{border:0;padding:0;margin:0 0 1.2rem}
  .scroller{overflow:visible}
  .cards{display:block}
  article.device{margin-bottom:1rem}
  .screen{display:none}
  .wide{min-width:0}
  table{font-size:8pt}
  th,td{padding:.2rem .35rem;overflow-wrap:anywhere}
  .time{white-space:normal}
  .matrix td,.matrix thead th{padding:.05rem .1rem;overflow-wrap:normal}
  .matrix thead abbr{writing-mode:vertical-rl}
  th[scope=row],.pinned{min-width:0}
  tr,article li,figure{break-inside:avoid}
  thead{display:table-header-group}
  h2,h3,h4{break-after:avoid}
  .pinned{position:static}
}
"""
    + _marks()
    + _series()
)
"""The whole style sheet."""
