"""The metrics count answers by template and status, and name nobody."""

from types import SimpleNamespace

import pytest

from imgate.http.metrics import Metrics, metrics_app
from tests.in_process import InProcessClient


@pytest.fixture
def counted():
    return SimpleNamespace(store=SimpleNamespace(count_exchanges=lambda: {"queued": 3, "delivered": 1}))


def scrape(counted, metrics: Metrics) -> list[str]:
    answer = InProcessClient(metrics_app(counted, metrics), "http://gateway.test").get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text.splitlines()


def test_answers_are_counted(counted):
    metrics = Metrics()
    for seconds in (0.0004, 0.003, 0.02, 60.0):
        metrics.request("/v1/exchanges", 201, seconds)
    metrics.request("-", 404, 0.001)
    lines = scrape(counted, metrics)
    assert 'imgate_http_requests_total{route="/v1/exchanges",status="201"} 4' in lines
    assert 'imgate_http_requests_total{route="-",status="404"} 1' in lines
    assert 'imgate_http_request_seconds_bucket{route="/v1/exchanges",le="0.001"} 1' in lines
    assert 'imgate_http_request_seconds_bucket{route="/v1/exchanges",le="0.005"} 2' in lines
    assert 'imgate_http_request_seconds_bucket{route="/v1/exchanges",le="10.0"} 3' in lines
    assert 'imgate_http_request_seconds_bucket{route="/v1/exchanges",le="+Inf"} 4' in lines
    assert 'imgate_http_request_seconds_count{route="/v1/exchanges"} 4' in lines
    assert 'imgate_http_request_seconds_sum{route="/v1/exchanges"} 60.023400' in lines


def test_exchanges_are_counted_by_state(counted):
    lines = scrape(counted, Metrics())
    assert 'imgate_exchanges{state="queued"} 3' in lines
    assert 'imgate_exchanges{state="delivered"} 1' in lines


def test_each_family_says_what_it_is_once(counted):
    metrics = Metrics()
    metrics.request("/", 200, 0.1)
    lines = scrape(counted, metrics)
    for line in lines:
        if not line.startswith("#"):
            name = line.partition("{")[0].removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
            assert sum(known.startswith(f"# TYPE {name} ") for known in lines) == 1, line


def test_the_metrics_are_at_one_path_and_the_api_has_none(counted, http):
    other = InProcessClient(metrics_app(counted, Metrics()), "http://gateway.test")
    assert other.get("/").status_code == 404
    assert other.post("/metrics").status_code == 404
    assert http.get("/metrics").status_code == 404
