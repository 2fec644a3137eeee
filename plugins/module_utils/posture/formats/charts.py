# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trend as drawings inside the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import CLASSES
from ..report import Night
from .markup import Markup, tag

_WIDTH, _HEIGHT, _LEFT, _FOOT, _TOP = 720, 200, 34, 24, 8
_SMALL_WIDTH, _SMALL_HEIGHT = 96, 24
_MOST_NIGHTS = 120
"""So many of the last days are drawn."""


def trend_chart(trend: Sequence[Night]) -> Markup:
    """Devices by class as bars, a bar a day, and the score as a line over them."""
    nights = trend[-_MOST_NIGHTS:]
    most = max(sum(night.classes.values()) for night in nights) or 1
    step = (_WIDTH - _LEFT) / len(nights)
    height = _HEIGHT - _FOOT - _TOP
    bars = []
    for index, night in enumerate(nights):
        base = float(_TOP + height)
        for name in CLASSES:
            size = height * night.classes[name] / most
            base -= size
            if size:
                bars.append(_bar(_LEFT + index * step, base, step, size, name, f"{night.day}: {night.classes[name]}"))
    middle = [(_LEFT + (index + 0.5) * step, night.score.percent) for index, night in enumerate(nights)]
    return tag(
        "svg",
        tag("title", "Devices by class and score, day by day"),
        tag("desc", _told(nights)),
        _axis(most, height),
        bars,
        _line([(x, _TOP + height * (1 - percent / 100)) for x, percent in middle if percent is not None]),
        tag("text", nights[0].day, x=_LEFT, y=_HEIGHT - 6),
        tag("text", nights[-1].day, x=_WIDTH, y=_HEIGHT - 6, text_anchor="end"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="trend",
    )


def _told(nights: Sequence[Night]) -> str:
    first, last = nights[0], nights[-1]
    return f"From {first.day} (score {first.score.percent}) to {last.day} (score {last.score.percent})."


def _axis(most: int, height: int) -> list[Markup]:
    return [
        tag("text", most, x=_LEFT - 6, y=_TOP + 8, text_anchor="end"),
        tag("text", 0, x=_LEFT - 6, y=_TOP + height, text_anchor="end"),
        tag("path", d=f"M{_LEFT} {_TOP + height}H{_WIDTH}", class_="axis"),
    ]


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
