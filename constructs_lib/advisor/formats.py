"""A recommendation as text, as Markdown, as JSON, and its break-even points as a picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from constructs_lib.advisor.chart import svg
from constructs_lib.advisor.recommendation import Recommendation
from constructs_lib.advisor.strategies import Form
from constructs_lib.advisor.sums import Cost, Part


def as_document(found: Recommendation) -> dict[str, Any]:
    """The recommendation in plain lists and dictionaries, as ``--format json`` prints it.

    ``monthly_cost_usd`` is ``None`` for a way with a part of unknown price; ``cost_parts`` shows which.
    """
    return {
        "strategy": found.strategy.value,
        "form": found.form.value,
        "reasons": list(found.reasons),
        "ruled_out": {strategy.value: list(reasons) for strategy, reasons in found.ruled_out.items()},
        "alternatives": [
            {
                "strategy": other.strategy.value,
                "form": other.form.value,
                "because": list(other.because),
                "but": list(other.but),
            }
            for other in found.alternatives
        ],
        "near_tie": found.near_tie.value if found.near_tie else None,
        "tipping": list(found.tipping),
        "assumptions": list(found.assumptions),
        "warnings": list(found.warnings),
        "monthly_cost_usd": {way.value: _rounded(cost.usd) for way, cost in found.monthly_costs.items()},
        "cost_parts": {way.value: [_part(part) for part in cost.parts] for way, cost in found.monthly_costs.items()},
        "break_even": [
            {
                "requests_per_day": round(each.requests_per_day),
                "usd": _rounded(each.usd),
                "cheaper_below": each.below.value,
                "cheaper_above": each.above.value,
            }
            for each in found.break_even().crossovers
        ],
        "prices": found.prices.origin,
        "construct": found.construct,
    }


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def _part(part: Part) -> dict[str, Any]:
    price = part.price
    return {
        "what": part.what,
        "quantity": round(part.quantity, 4),
        "unit": part.unit,
        "usd_per_unit": price.usd if price else None,
        "usd": _rounded(part.usd),
        "source": f"{price.source}, {price.region}, {price.on.isoformat()}" if price else None,
    }


def as_json(found: Recommendation) -> str:
    """One JSON object."""
    return json.dumps(as_document(found), indent=2)


def as_text(found: Recommendation) -> str:
    """For a terminal."""
    lines = [headline(found)]
    for title, rows in _sections(found):
        lines += ["", title, *(f"  {row}" for row in rows)]
    lines += ["", "Cost of a month in USD", *_cost_lines(found.monthly_costs), f"  prices: {found.prices.origin}"]
    crossings = [f"  {row}" for row in _break_even(found)]
    lines += ["", "Break-even", *crossings] if crossings else []
    return "\n".join([*lines, "", "Code", "", found.construct.rstrip()])


def headline(found: Recommendation) -> str:
    """The answer in one line."""
    form = "" if found.form is Form.SINGLE else f", form {found.form}"
    return f"{found.strategy.words.capitalize()} ({found.strategy}{form})"


def _sections(found: Recommendation) -> Iterator[tuple[str, list[str]]]:
    """The parts in words that have anything to say."""
    ruled_out = [f"{strategy}: {reason}" for strategy, reasons in found.ruled_out.items() for reason in reasons]
    also = [_alternative(each.strategy, each.form, each.because, each.but) for each in found.alternatives]
    tie = [f"{found.near_tie.words} is as good within the accuracy of the advice"] if found.near_tie else []
    sections = {
        "Why": list(found.reasons),
        "Near tie": [*tie, *found.tipping],
        "Mind": list(found.warnings),
        "Ruled out": ruled_out,
        "Less fitting": also,
        "Assumed": list(found.assumptions),
    }
    yield from ((title, rows) for title, rows in sections.items() if rows)


def _alternative(strategy: str, form: Form, because: Iterable[str], but: Iterable[str]) -> str:
    against = "; ".join(but)
    told = [*because, f"but {against}" if because and against else against]
    name = strategy if form is Form.SINGLE else f"{strategy} ({form})"
    return f"{name}: {'; '.join(filter(None, told)) or 'nothing speaks for or against it but its cost'}"


def _cost_lines(costs: Mapping[Any, Cost]) -> Iterator[str]:
    for strategy, cost in sorted(costs.items(), key=lambda row: row[1].at_least):
        yield f"  {strategy:11}{_amount(cost)}"
        for part in cost.parts:
            if part.quantity:
                usd = "unknown" if part.usd is None else f"{part.usd:,.2f}"
                yield f"    {usd:>12}  {part.what}: {part.quantity:,.2f} {part.unit}"


def _amount(cost: Cost) -> str:
    return f"{cost.at_least:,.2f}" if cost.usd is not None else f"unknown; {cost.at_least:,.2f} without what is unknown"


def _break_even(found: Recommendation) -> Iterator[str]:
    for each in found.break_even().crossovers:
        yield f"from {each.requests_per_day:,.0f} requests a day on, {each.words} ({each.usd:,.2f} USD)"


def as_markdown(found: Recommendation) -> str:
    """For a ticket or a decision record."""
    lines = [f"## {headline(found)}"]
    for title, rows in _sections(found):
        lines += ["", f"### {title}", "", *(f"- {row}" for row in rows)]
    lines += ["", "### Cost of a month", "", f"Prices: {found.prices.origin}.", "", "| Way | USD a month | Parts |"]
    lines += ["|---|---:|---|", *(f"| {way} | {_amount(cost)} | {_summands(cost)} |" for way, cost in _by_cost(found))]
    crossings = list(_break_even(found))
    lines += ["", "### Break-even", "", *(f"- {row}" for row in crossings)] if crossings else []
    return "\n".join([*lines, "", "### Code", "", "```python", found.construct.rstrip(), "```"])


def _by_cost(found: Recommendation) -> list[tuple[Any, Cost]]:
    return sorted(found.monthly_costs.items(), key=lambda row: row[1].at_least)


def _summands(cost: Cost) -> str:
    """The parts that make up at least a cent, and those that are unknown."""
    told = [
        f"{part.what} {'unknown' if part.usd is None else f'{part.usd:,.2f}'}"
        for part in cost.parts
        if part.usd is None or part.usd >= 0.005
    ]
    return ", ".join(told) or "less than a cent each"


def as_svg(found: Recommendation) -> str:
    """The cost by requests a day."""
    return svg(found.break_even(), title=f"Cost of a month by requests a day: {found.strategy.words} suggested")


FORMATS: Mapping[str, Callable[[Recommendation], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "svg": as_svg,
}
