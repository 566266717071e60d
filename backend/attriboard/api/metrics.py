"""Figures of the running server, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One server's counters. `session` gives the figures of the work, read when asked for."""

    def __init__(self, session: Callable[[], dict[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "attriboard_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "attriboard_request_seconds",
            "Seconds until a request was answered in full.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(SessionFigures(session))

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Notes one answered request; status 0 stands for a client that left before it."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class SessionFigures(Collector):
    """Reads the session's own figures at the moment they are asked for."""

    def __init__(self, figures: Callable[[], dict[str, float]]) -> None:
        self.figures = figures

    def describe(self) -> list[Metric]:
        """Nothing in advance: the session may not be open yet."""
        return []

    def collect(self) -> list[Metric]:
        """One family a figure; names that end in _total are counters."""
        return [_family(name, value) for name, value in self.figures().items()]


HELP = {
    "queue_depth": "Jobs that wait or run.",
    "memory_bytes": "Memory that the server holds.",
    "open_streams": "Event streams that somebody reads.",
    "model_rows_total": "Rows sent through the models.",
    "cache_hits_total": "Results found in the store.",
    "cache_misses_total": "Results that had to be computed.",
}


def _family(name: str, value: float) -> Metric:
    family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    return family("attriboard_" + name.removesuffix("_total"), HELP.get(name, name), value=value)
