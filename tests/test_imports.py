"""The import rules of the house, read from the sources."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONG: dict[str, str] = {}  # over 400 lines, and why


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def top(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted((ROOT / "engine").glob("*.py")), ids=lambda path: path.name)
def test_engine_needs_numpy_and_the_standard_library_alone(path):
    assert top(imported(path)) <= {"numpy", "engine", *sys.stdlib_module_names}


@pytest.mark.parametrize("name", ["figures.py", "theme.py"])
def test_figures_know_no_streamlit(name):
    assert "streamlit" not in top(imported(ROOT / "pages" / "shared" / name))


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_pages_do_not_import_one_another(path):
    for name in imported(path):
        assert not name.startswith("pages") or name.startswith("pages.shared")


def test_no_file_is_long_without_a_reason():
    files = [path for folder in ("engine", "pages", "assets/live") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        if path.suffix in (".py", ".js", ".css") and str(path.relative_to(ROOT)) not in LONG:
            assert len(path.read_text().splitlines()) <= 400, path


def test_no_file_is_long_without_a_reason():
    files = [path for folder in ("engine", "pages", "assets/live") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        if path.suffix in (".py", ".js", ".css") and name(path) not in LONG:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, name(path)
