"""What the page tests share: the app as a script, its widgets by their names, its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

SCRIPT = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
KINDS = (
    "select_slider",
    "slider",
    "number_input",
    "selectbox",
    "toggle",
    "button_group",
    "text_input",
    "button",
)


def start(page: str = "playground", **query: str) -> AppTest:
    """The app with `page` open, by a link with these parameters."""
    app = AppTest.from_file(SCRIPT, default_timeout=60)
    if page != "playground":
        app.switch_page(f"{page}/{page}.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def go(app: AppTest, page: str, **query: str) -> AppTest:
    """Another page, as by a click on its name, or by a link with parameters."""
    app.query_params.clear()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"{page}/{page}.py").run()
    assert not app.exception, app.exception
    return app


def link(app: AppTest) -> dict[str, str]:
    return {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}


def asks_and_links_to_itself(app: AppTest, page: str) -> None:
    """That a view opens without a warning, asks its question, has formulas, and that its link opens the same again."""
    assert not app.warning
    question = next(element.value for element in app.markdown if "Look for:" in element.value)
    assert question.startswith("**") and "?" in question
    assert app.latex and app.expander
    again = start(page, **link(app))
    assert not again.warning and link(again) == link(app)


def form_of(app: AppTest, page: str = "playground", *parts: str) -> Any:
    """The form of a page, of a view (`learning_rate`, `ladder`), or of a lane (`arena`, `lane1`)."""
    form = app.session_state[f"{page}.form"]
    for part in parts:
        form = form.part(part)
    return form


def run_of(app: AppTest, page: str = "playground", view: str = "") -> Any:
    """The run that a page shows."""
    return app.session_state[f"{page}.state"].runs[view]


def widget(app: AppTest, name: str) -> Any:
    """The widget that shows `name`, by the end of its key: "learning_rate", or "lane2.learning_rate"."""
    found = [
        element for kind in KINDS for element in getattr(app, kind)
        if element.key and (bare := element.key.partition("~")[0]).endswith(f".{name}") and bare
    ]  # fmt: skip
    assert len(found) == 1, f"{len(found)} widgets show {name}: {[each.key for each in found]}"
    return found[0]


def shows(app: AppTest, name: str) -> bool:
    """Whether there is a widget for `name`."""
    keys = [element.key or "" for kind in KINDS for element in getattr(app, kind)]
    return any(key.partition("~")[0].endswith(f".{name}") for key in keys)


def change(app: AppTest, **values: Any) -> AppTest:
    """Move widgets, one after the other, as a person does."""
    for name, value in values.items():
        widget(app, name.replace("__", ".")).set_value(value).run()
        assert not app.exception, app.exception
    return app


def click(app: AppTest, name: str) -> AppTest:
    widget(app, name).click().run()
    assert not app.exception, app.exception
    return app
