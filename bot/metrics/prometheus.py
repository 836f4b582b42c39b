"""The figures as Prometheus reads them, by its own library, which is loaded when somebody asks for the first time."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from bot.metrics.tallies import Count, Level, Spread

Figure = Count | Level | Spread


def page(figures: Sequence[Figure]) -> bytes:
    """The text form, with what the system knows of the process."""
    registry = CollectorRegistry()
    registry.register(Shown(figures))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class Shown(Collector):
    """The figures as families of the library."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        for figure in self._figures:
            yield _spread(figure) if isinstance(figure, Spread) else _tally(figure)


def _tally(figure: Count | Level) -> Metric:
    kind = CounterMetricFamily if isinstance(figure, Count) else GaugeMetricFamily
    family = kind(figure.name, figure.what, labels=figure.labels)
    for labels, value in figure.values.items():
        family.add_metric(labels, value)
    return family


def _spread(figure: Spread) -> Metric:
    family = HistogramMetricFamily(figure.name, figure.what, labels=figure.labels)
    for labels, total in figure.sums.items():
        ends, counts = zip(*figure.up_to(labels), strict=True)
        family.add_metric(labels, list(zip(map(floatToGoString, ends), counts, strict=True)), total)
    return family
