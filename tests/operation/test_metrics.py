"""Figures for whoever watches: counted when a token is set, given to whoever brings it, about no person, and drawn by the ready dashboard."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.browser import build
from tests.conftest import SECRET, migrated
from timebank import audit
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import transaction
from timebank.errors import Refusal
from timebank.paths import find

TOKEN = "q8vR3sJx-0ZkLw7Yt2Np"  # drawn for the tests


@pytest.fixture
def watched(folder: Path, tmp_path: Path) -> Flask:
    """Give the service with a token for whoever watches it."""
    return build(tmp_path, database_url=databases.fresh_database("sqlite", migrated, folder=folder), secret_key=SECRET, metrics_token=TOKEN)


def figures(app: Flask) -> str:
    """Return the figures as a watcher reads them."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def test_requests_are_counted_by_page_and_never_by_address(watched: Flask) -> None:
    client = watched.test_client()
    client.get("/healthz")
    client.get("/check/13900001234")
    said = figures(watched)
    assert 'timebank_requests_total{method="GET",page="health.alive",status="200"} 1.0' in said
    assert 'timebank_request_seconds_count{kind="read"}' in said
    assert "13900001234" not in said
    assert "timebank_runs_queued 0.0" in said
    assert "timebank_jobs_waiting 0.0" in said


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer é"}])
def test_whoever_does_not_bring_the_token_finds_no_such_page(watched: Flask, given: dict[str, str]) -> None:
    assert watched.test_client().get("/metrics", headers=given).status_code == 404


def test_without_a_token_nothing_is_counted_and_a_word_is_no_token(app: Flask, tmp_path: Path) -> None:
    assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    with pytest.raises(Refusal, match="METRICS_TOKEN"):
        create_app(Settings(instance=str(tmp_path), metrics_token="password"), testing=True)


def test_the_ready_dashboard_asks_for_figures_there_are(watched: Flask) -> None:
    watched.test_client().get("/healthz")
    with watched.app_context(), transaction():
        audit.record("back_up", "database", "0032")
    told = set(re.findall(r"^(timebank_\w+)", figures(watched), re.MULTILINE))
    board = json.loads((find("templates") / "operation" / "grafana.json").read_text(encoding="utf-8"))
    asked = {name for panel in board["panels"] for each in panel["targets"] for name in re.findall(r"timebank_\w+", each["expr"])}
    assert len(asked) >= 7
    assert asked <= told
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
