"""A report for people: one HTML page that needs nothing beside it, with a picture for each feature. Pure.

Names come from files and senders, so every text is escaped, and the page runs no scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from drift.judgement import DRIFTED, NOT_JUDGED, STABLE, Verdict

_ORDER = {DRIFTED: 0, STABLE: 1, NOT_JUDGED: 2}
_MOST_BARS = 24
_WIDTH, _HEIGHT, _FOOT = 560, 150, 46
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #16191f }
table { border-collapse: collapse } td, th { padding: .15rem .9rem .15rem 0; text-align: left }
section { border-top: 1px solid #d5dbdb; margin-top: 1.2rem } h2 { font-size: 1.05rem; margin: .7rem 0 .2rem }
.drifted { color: #b0280f } .stable { color: #1d7a36 } .judged { color: #5f6b7a }
svg { max-width: 100%; height: auto } .then { fill: #9aa5b1 } .now { fill: #2463c2 } text { font-size: 11px }
"""
_LABEL = 'aria-label="shares of the baseline, and of now"'
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(summary: Mapping[str, Any], verdicts: Sequence[Verdict]) -> str:
    """The report: what was read, then all features, those that have drifted first."""
    ordered = sorted(verdicts, key=lambda verdict: (_ORDER[verdict.status], -(verdict.population_stability_index or 0)))
    title = f"{summary['subject']}: {summary['status']}"
    rows = "".join(
        f"<tr><th>{escape(_words(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in summary.items()
    )
    sections = "".join(map(_section, ordered))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><table>{rows}</table>"
        f"<p>Grey is the baseline, blue is now; both in shares.</p>{sections}</body></html>\n"
    )


def _section(verdict: Verdict) -> str:
    said = "; ".join(verdict.reasons)
    picture = chart(verdict.labels, verdict.baseline_counts, verdict.counts) if verdict.counts else ""
    return (
        f'<section><h2>{escape(verdict.name)} <span class="{verdict.status}">{verdict.status}</span></h2>'
        f"<p>{escape(said)}</p><p>{escape(_numbers(verdict))}</p>{picture}</section>"
    )


def _numbers(verdict: Verdict) -> str:
    named = [
        ("population stability index", verdict.population_stability_index, ".3f"),
        ("distance", verdict.distance, ".3f"),
        ("chance of it (chi-square)", verdict.chi_square_p, ".2g"),
        ("chance of it (KS)", verdict.distance_p, ".2g"),
        ("without a usable value", verdict.missing_share, ".1%"),
        ("in the baseline", verdict.baseline_missing_share, ".1%"),
    ]
    shown = [f"{name} {format(value, form)}" for name, value, form in named if value is not None]
    shown += [f"{verdict.unseen} of categories never seen"] if verdict.unseen else []
    shown += [f"{verdict.invalid} of another kind"] if verdict.invalid else []
    return ", ".join(shown)


def chart(labels: Sequence[str], then: Sequence[float], now: Sequence[float]) -> str:
    """Two bars for each bin or category, as SVG; of many categories the largest, and all others together."""
    shares = [(_share(a, then), _share(b, now)) for a, b in zip(then, now, strict=True)]
    rows = _largest(list(zip(labels, shares, strict=True)))
    top = max((max(pair) for _, pair in rows), default=0) or 1
    step = _WIDTH / len(rows)
    bars = "".join(_bars(index * step, step, label, pair, top) for index, (label, pair) in enumerate(rows))
    height = _HEIGHT + _FOOT
    return f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" {_LABEL}>{bars}</svg>'


def _largest(rows: list[tuple[str, tuple[float, float]]]) -> list[tuple[str, tuple[float, float]]]:
    if len(rows) <= _MOST_BARS:
        return rows
    kept = sorted(sorted(range(len(rows)), key=lambda index: -max(rows[index][1]))[: _MOST_BARS - 1])
    rest = [row[1] for index, row in enumerate(rows) if index not in kept]
    return [*(rows[index] for index in kept), (f"{len(rest)} more", (sum(a for a, _ in rest), sum(b for _, b in rest)))]


def _bars(left: float, step: float, label: str, pair: tuple[float, float], top: float) -> str:
    width = step * 0.4
    title = f"<title>{escape(label)}: {pair[0]:.1%} in the baseline, {pair[1]:.1%} now</title>"
    bars = "".join(
        f'<rect class="{kind}" x="{left + step * 0.1 + width * place:.1f}" y="{_HEIGHT * (1 - share / top):.1f}" '
        f'width="{width:.1f}" height="{_HEIGHT * share / top:.1f}"/>'
        for place, (kind, share) in enumerate(zip(("then", "now"), pair, strict=True))
    )
    x, y = left + step / 2, _HEIGHT + 10
    text = f'<text x="{x:.1f}" y="{y}" transform="rotate(30 {x:.1f} {y})">{escape(label[:12])}</text>'
    return f"<g>{title}{bars}{text}</g>"


def _share(count: float, counts: Sequence[float]) -> float:
    return count / (sum(counts) or 1)


def _words(name: str) -> str:
    return name.replace("_", " ")
