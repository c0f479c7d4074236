"""The page of metrics: all that a process counts, with its labels."""

from chaskiq_core.telemetry import METRICS
from tools.reference.made import MADE, table


def metrics_page() -> str:
    """Every metric with its kind, labels and meaning."""
    lines = ["# Metrics", "", MADE, "What `GET /metrics` shows, for each process; see the how-to for who may ask.", ""]
    rows = [
        (
            f"`{metric.name}`",
            metric.kind.value,
            ", ".join(f"`{label}`" for label in metric.labels) or "–",
            metric.help
            + (f" Bounds: {', '.join(f'{bound:g}' for bound in metric.buckets)} s." if metric.buckets else ""),
        )
        for metric in METRICS
    ]
    return "\n".join([*lines, *table(("metric", "kind", "labels", "meaning"), rows)]) + "\n"
