"""The cost of a month by requests a day, as an SVG: one line a way of serving, with a mark where two of them cross."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from constructs_lib.advisor.break_even import Curves
from constructs_lib.advisor.strategies import Strategy

_WIDTH, _HEIGHT = 860, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 200, 60, 70
_COLOURS = {  # told apart by eyes that confuse red and green, too
    Strategy.SERVERLESS: "#0072b2",
    Strategy.REALTIME: "#d55e00",
    Strategy.ASYNC: "#009e73",
    Strategy.BATCH: "#8a4f9e",
    Strategy.HYBRID: "#a6761d",
    Strategy.STREAMING: "#56b4e9",
}
_INK, _GRID = "#333333", "#e3e3e3"
_LINE_HEIGHT = 16
_LEAST = 0.01  # USD; below, nothing can be told apart


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a number of requests and an amount lie on the picture; both axes are logarithmic."""

    x_powers: tuple[int, int]
    y_powers: tuple[int, int]

    def x(self, requests: float) -> float:
        return _LEFT + self._share(requests, self.x_powers) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, usd: float) -> float:
        return _HEIGHT - _BOTTOM - self._share(max(usd, _LEAST), self.y_powers) * (_HEIGHT - _TOP - _BOTTOM)

    @staticmethod
    def _share(value: float, powers: tuple[int, int]) -> float:
        return (math.log10(value) - powers[0]) / (powers[1] - powers[0])


def svg(curves: Curves, *, title: str = "Cost of a month by requests a day") -> str:
    """The picture as a document of its own. Without a known cost it says so and shows none."""
    frame = _frame(curves.points)
    body = [*_axes(frame), *_lines(curves.points, frame), *_names(curves.points, frame), *_crossovers(curves, frame)]
    if not curves.points:
        body.append(_text(_LEFT + 20, _TOP + 40, "no cost is known", size=14))
    height = _HEIGHT + 10 + _LINE_HEIGHT * len(curves.crossovers)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="Helvetica, Arial, sans-serif" role="img">'
    )
    ground = f'<rect width="{_WIDTH}" height="{height}" fill="white"/>'
    heading = _text(_LEFT, 32, title, size=17, weight="bold")
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, heading, *body, "</svg>", ""])


def _frame(points: Mapping[Strategy, Sequence[tuple[float, float]]]) -> _Frame:
    requests = [point[0] for row in points.values() for point in row] or [1.0, 10.0]
    amounts = [max(point[1], _LEAST) for row in points.values() for point in row] or [1.0, 10.0]
    low, high = math.floor(math.log10(min(amounts))), math.ceil(math.log10(max(amounts)))
    return _Frame(
        (math.floor(math.log10(min(requests))), math.ceil(math.log10(max(requests)))), (low, max(high, low + 1))
    )


def _axes(frame: _Frame) -> Iterator[str]:
    left, right = frame.x(10.0 ** frame.x_powers[0]), frame.x(10.0 ** frame.x_powers[1])
    bottom, top = frame.y(10.0 ** frame.y_powers[0]), frame.y(10.0 ** frame.y_powers[1])
    for power in range(frame.x_powers[0], frame.x_powers[1] + 1):
        at = frame.x(10.0**power)
        yield _segment(at, bottom, at, top, _GRID)
        yield _text(at, bottom + 20, _round_number(power), anchor="middle")
    for power in range(frame.y_powers[0], frame.y_powers[1] + 1):
        at = frame.y(10.0**power)
        yield _segment(left, at, right, at, _GRID)
        yield _text(left - 10, at + 4, _round_number(power), anchor="end")
    yield _segment(left, bottom, right, bottom, _INK)
    yield _segment(left, bottom, left, top, _INK)
    yield _text((left + right) / 2, bottom + 48, "requests a day", anchor="middle", size=14)
    middle = (bottom + top) / 2
    turned = f' transform="rotate(-90 24 {middle:.1f})"'
    yield _text(24, middle, "USD a month", anchor="middle", size=14, extra=turned)


def _round_number(power: int) -> str:
    if power < 0:
        return f"{10.0**power:.{-power}f}"
    thousands, rest = divmod(power, 3)
    return f"{10**rest}{['', 'k', 'M', 'G', 'T'][thousands]}" if thousands < 5 else f"1e{power}"


def _lines(points: Mapping[Strategy, Sequence[tuple[float, float]]], frame: _Frame) -> Iterator[str]:
    for strategy, row in points.items():
        path = " ".join(f"{frame.x(requests):.1f},{frame.y(usd):.1f}" for requests, usd in row)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{_COLOURS[strategy]}" stroke-width="2.5" '
            'stroke-linejoin="round"/>'
        )


def _names(points: Mapping[Strategy, Sequence[tuple[float, float]]], frame: _Frame) -> Iterator[str]:
    """Each line is named at its end, moved up or down where two ends are close."""
    ends = sorted((frame.y(row[-1][1]), strategy, frame.x(row[-1][0])) for strategy, row in points.items())
    lowest = -math.inf
    for y, strategy, x in ends:
        lowest = max(y, lowest + _LINE_HEIGHT)
        yield _text(x + 10, lowest + 4, strategy.words, colour=_COLOURS[strategy], size=13)


def _crossovers(curves: Curves, frame: _Frame) -> Iterator[str]:
    """A numbered mark at each crossing, and below the picture what happens there."""
    for number, crossover in enumerate(curves.crossovers, start=1):
        x, y = frame.x(crossover.requests_per_day), frame.y(crossover.usd)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="white" stroke="{_INK}" stroke-width="1.5"/>'
        yield _text(x, y + 4, str(number), anchor="middle", weight="bold")
        told = f"{number}: from {crossover.requests_per_day:,.0f} requests a day on, {crossover.words}"
        yield _text(_LEFT, _HEIGHT + 6 + (number - 1) * _LINE_HEIGHT, told)


def _segment(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = _INK,
    extra: str = "",
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} font-weight="{weight}" fill="{colour}"{extra}>{escape(text)}</text>'
