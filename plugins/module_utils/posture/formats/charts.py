# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trend as drawings inside the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import CLASSES, COMPLIANT
from ..report import Night
from .markup import Child, Markup, tag

_WIDTH, _HEIGHT, _LEFT, _FOOT, _TOP = 360, 150, 30, 20, 10
_SMALL_WIDTH, _SMALL_HEIGHT = 96, 24
_INSIDE = _HEIGHT - _FOOT - _TOP
_MOST_NIGHTS = 120
"""So many of the last days are drawn."""
_NOT_COMPLIANT = tuple(name for name in CLASSES if name != COMPLIANT)


def score_chart(trend: Sequence[Night]) -> Markup:
    """The score as a line, day by day."""
    nights = trend[-_MOST_NIGHTS:]
    step = (_WIDTH - _LEFT) / len(nights)
    scored = [(_LEFT + (index + 0.5) * step, night.score.percent) for index, night in enumerate(nights)]
    line = _line([(x, _TOP + _INSIDE * (1 - percent / 100)) for x, percent in scored if percent is not None])
    told = f"From {nights[0].score.percent} on {nights[0].day} to {nights[-1].score.percent} on {nights[-1].day}"
    return _chart("Score of 100, day by day", told, 100, nights, line)


def attention_chart(trend: Sequence[Night]) -> Markup:
    """Devices that were not compliant as bars, a bar a day, by class."""
    nights = trend[-_MOST_NIGHTS:]
    counts = [sum(night.classes[name] for name in _NOT_COMPLIANT) for night in nights]
    most = max(*counts, 1)
    step = (_WIDTH - _LEFT) / len(nights)
    bars = []
    for index, night in enumerate(nights):
        foot = float(_TOP + _INSIDE)
        for name in _NOT_COMPLIANT:
            size = _INSIDE * night.classes[name] / most
            foot -= size
            if size:
                bars.append(_bar(_LEFT + index * step, foot, step, size, name, f"{night.day}: {night.classes[name]}"))
    told = f"From {counts[0]} on {nights[0].day} to {counts[-1]} on {nights[-1].day}; {most} at most"
    return _chart("Devices that need attention, day by day", told, most, nights, bars)


def _chart(title: str, told: str, most: int, nights: Sequence[Night], drawing: Child) -> Markup:
    foot = _TOP + _INSIDE
    return tag(
        "svg",
        tag("title", title),
        tag("desc", told),
        tag("path", d=f"M{_LEFT} {_TOP}H{_WIDTH}M{_LEFT} {foot}H{_WIDTH}", class_="axis"),
        tag("text", most, x=_LEFT - 6, y=_TOP + 4, text_anchor="end"),
        tag("text", 0, x=_LEFT - 6, y=foot + 4, text_anchor="end"),
        drawing,
        tag("text", nights[0].day, x=_LEFT, y=_HEIGHT - 3),
        tag("text", nights[-1].day, x=_WIDTH, y=_HEIGHT - 3, text_anchor="end"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="trend",
    )


def _bar(x: float, y: float, width: float, height: float, name: str, title: str) -> Markup:
    return tag(
        "rect", tag("title", f"{title} {name}"), x=f"{x + width * 0.1:.1f}", y=f"{y:.1f}", width=f"{width * 0.8:.1f}",
        height=f"{height:.1f}", class_=name,
    )  # fmt: skip


def _line(points: Sequence[tuple[float, float]]) -> Markup | None:
    """A line through points; one alone is a dot."""
    if not points:
        return None
    if len(points) == 1:
        return tag("circle", cx=f"{points[0][0]:.1f}", cy=f"{points[0][1]:.1f}", r=2, class_="dot")
    return tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_="line")


def sparkline(trend: Sequence[Night]) -> Markup | None:
    """The score of a site as a line; None where there are not two days of it."""
    scores = [night.score.percent for night in trend[-_MOST_NIGHTS:] if night.score.percent is not None]
    if len(scores) < 2:
        return None
    step, height = (_SMALL_WIDTH - 4) / (len(scores) - 1), _SMALL_HEIGHT - 4
    return tag(
        "svg",
        tag("title", f"Score from {scores[0]} to {scores[-1]}"),
        _line([(2 + index * step, 2 + height * (1 - score / 100)) for index, score in enumerate(scores)]),
        viewBox=f"0 0 {_SMALL_WIDTH} {_SMALL_HEIGHT}",
        role="img",
        class_="spark",
    )
