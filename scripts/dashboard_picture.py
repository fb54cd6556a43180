"""Draws a recorded dashboard as SVG: the same record gives the same picture, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

COLUMNS, WIDTH, HEIGHT, GAP = 3, 380, 190, 16
HEADING, STATUS = 44, 60
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 34, 40
COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
_STATES = {"OK": "#1d8102", "ALARM": "#d13212"}
_TEXT = 'font-family="sans-serif" fill="#16191f"'


def picture(record: Mapping[str, Any]) -> str:
    """The dashboard of a record: alarms, then a row of graphs for each construct."""
    drawn, y = [], GAP
    drawn.append(_text(GAP, y + 14, f"{record['title']}", 16, bold=True))
    y += 30
    drawn += _alarms(record["alarms"], y)
    y += STATUS
    for row in record["rows"]:
        drawn.append(_text(GAP, y + 20, row["heading"], 14, bold=True))
        beside = GAP + max(200, 10 * len(row["heading"]))
        drawn += [_text(beside, y + 20 + 14 * index, line, 11) for index, line in enumerate(row["notes"])]
        y += HEADING
        for index, graph in enumerate(row["graphs"]):
            x = GAP + index % COLUMNS * (WIDTH + GAP)
            drawn += _graph(graph, x, y + index // COLUMNS * (HEIGHT + GAP), record["seconds"])
        y += -(-len(row["graphs"]) // COLUMNS) * (HEIGHT + GAP)
    drawn.append(_text(GAP, y + 14, record["caption"], 11))
    width, height = GAP + COLUMNS * (WIDTH + GAP), y + 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    title = f"<title>{escape(record['title'])}: {escape(record['caption'])}</title>"
    return "\n".join([head, title, f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>', *drawn, "</svg>\n"])


def _alarms(alarms: Sequence[Mapping[str, str]], y: int) -> Iterator[str]:
    width = (COLUMNS * (WIDTH + GAP) - GAP) / max(len(alarms), 1)
    for index, alarm in enumerate(alarms):
        x = GAP + index * width
        color = _STATES.get(alarm["state"], "#687078")
        yield f'<rect x="{x:.1f}" y="{y}" width="{width - 4:.1f}" height="38" rx="3" fill="{color}"/>'
        yield _text(x + 6, y + 16, alarm["name"], 8, color="#ffffff")
        yield _text(x + 6, y + 30, alarm["state"], 9, color="#ffffff")


def _graph(graph: Mapping[str, Any], x: int, y: int, seconds: float) -> Iterator[str]:
    yield f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#ffffff" stroke="#d5dbdb"/>'
    yield _text(x + 10, y + 20, graph["title"], 12, bold=True)
    lines = [line for line in graph["lines"] if line["points"]]
    top = max((value for line in lines for _, value in line["points"]), default=0) or 1
    left, right, base = x + LEFT, x + WIDTH - RIGHT, y + HEIGHT - BOTTOM
    for share in (0, 0.5, 1):
        at = base - share * (base - y - TOP)
        yield f'<line x1="{left}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}" stroke="#eaeded"/>'
        yield _text(left - 6, at + 4, _short(share * top), 9, anchor="end")
    for index, line in enumerate(lines):
        color = COLORS[index % len(COLORS)]
        points = [
            (left + at / seconds * (right - left), base - value / top * (base - y - TOP))
            for at, value in line["points"]
        ]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        yield from (f'<circle cx="{px:.1f}" cy="{py:.1f}" r="1.6" fill="{color}"/>' for px, py in points)
        yield _text(left + index % 3 * 105, base + 16 + index // 3 * 12, line["label"][:20], 9, color=color)
    if not lines:
        why = "computed by CloudWatch: not drawn" if graph["computed"] else "no data in this run"
        yield _text((left + right) / 2, (y + TOP + base) / 2, why, 11, anchor="middle")


def _short(value: float) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _text(
    x: float, y: float, text: str, size: int, *, bold: bool = False, anchor: str = "start", color: str = ""
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    style = _TEXT.replace("#16191f", color) if color else _TEXT
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight} {style}>{escape(text)}</text>'
    )
