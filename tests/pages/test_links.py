"""Every link that worked works: what links of all pages and views opened before, they open now."""

import json
from pathlib import Path

import pytest

from engine import ExperimentConfig
from tests.pages.app import form_of, link, run_of, start

RECORDS = json.loads((Path(__file__).parents[1] / "oracles" / "links.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['page']}?{record['query'][:60]}")
def test_a_link_opens_what_it_opened(record):
    items = (item.partition("=") for item in filter(None, record["query"].split("&")))
    app = start(record["page"], **{key: value.replace("%20", " ") for key, _, value in items})
    view = record["view"] if record["page"] == "learning_rate" else ""
    form = form_of(app, record["page"], *filter(None, [view]))
    assert {name: form[name] for name in record["options"]} == record["options"]
    if record["config"] is not None:
        recorded = ExperimentConfig.from_json(json.dumps(record["config"]))
        assert run_of(app, record["page"], view).config == recorded
    assert link(app) == record["link"]
    assert len(app.warning) >= record["warnings"]
