"""The table: each figure with its spread, beside its baseline, and the ratio of the two."""

from collections.abc import Sequence

from bench.measure import Also, Line, Spread

HEADS = ("bench", "case", "database", "a second", "baseline, a second", "ratio", "goal", "also")


def table_of(lines: Sequence[Line]) -> str:
    """The lines under their heads, in columns as wide as they need."""
    rows = [HEADS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    ratio = line.subject.ratios_to(line.baseline) if line.baseline else None
    return (
        line.bench,
        line.case,
        line.database,
        f"{line.subject.name}: {_rate(line.subject.spread)}",
        f"{line.baseline.name}: {_rate(line.baseline.spread)}" if line.baseline else "–",
        f"{ratio.median:.2f} ({ratio.low:.2f}–{ratio.high:.2f})" if ratio else "–",
        _goal(line.goal, ratio),
        "; ".join(map(_also, line.also)),
    )


def _rate(spread: Spread) -> str:
    if spread.low == spread.high:
        return _figure(spread.median)
    return f"{_figure(spread.median)} ({_figure(spread.low)}–{_figure(spread.high)})"


def _figure(figure: float) -> str:
    """With the digits that say something: 12,345, 123, 12.3, 1.23."""
    return f"{figure:,.0f}" if abs(figure) >= 100 or figure == round(figure) else f"{figure:.3g}"


def _goal(goal: float | None, ratio: Spread | None) -> str:
    if goal is None or ratio is None:
        return "–"
    return f"≥ {goal:.2f}: {'met' if ratio.median >= goal else 'MISSED'}"


def _also(also: Also) -> str:
    told = f"{also.name} {_rate(also.spread)} {also.unit}"
    if also.at_most is None:
        return told
    return f"{told}, ≤ {_figure(also.at_most)}: {'met' if also.spread.median <= also.at_most else 'MISSED'}"
