"""The rules of the house, read from the source: who may import whom, and how long a file may be."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = sorted((ROOT / "engine").rglob("*.py"))
SHARED = sorted((ROOT / "pages" / "shared").rglob("*.py"))
ROOMS = sorted(path.parent.name for path in (ROOT / "pages").glob("*/*.py") if path.stem == path.parent.name)
PAGES = sorted(path for room in ROOMS for path in (ROOT / "pages" / room).rglob("*.py"))
LONG: dict[str, str] = {}  # files of over 400 lines, and why
ORDER = {  # the engine's packages, each with those that it may import besides itself
    "(top)": [],  # options, checks, limits, threads
    "network": ["(top)"],
    "data": ["(top)"],
    "methods": ["(top)", "network"],
    "landscape": ["(top)", "network"],
    "surfaces": ["(top)", "network", "data", "methods"],
    "config": ["(top)", "network", "data", "methods"],
    "training": ["(top)", "network", "data", "methods", "config"],
    "studies": ["(top)", "network", "data", "methods", "landscape", "surfaces", "config", "training"],
}

SHARED_ORDER = {  # what the pages share, each with those parts that it may import besides itself; a page may import them all
    "base": [],  # BASE: the session, the address, components, forms, plain text
    "figures": ["base"],
    "live": ["base", "figures"],
    "cards": ["figures", "live"],
    "widgets": ["base", "figures"],
    "classroom": ["base", "live", "cards", "widgets"],  # lessons, questions to a class, worksheets
    "page": [
        "base",
        "figures",
        "live",
        "widgets",
        "classroom",
    ],  # what a page's script calls: page, projector, stepper
}
BASE = ("sidebar", "session", "address", "component", "form", "text")


def imports(path):
    """The full names of all modules that a file imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively; name the module in full."
            module = node.module or ""
            yield module, node.lineno
            if module.partition(".")[0] in ("pages", "engine"):
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def name(path):
    return str(path.relative_to(ROOT))


def dotted(path):
    """The full name of the module in a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_there_is_something_to_check():
    assert len(ENGINE) > 5


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_imports_numpy_and_the_standard_library_alone(path):
    allowed = set(sys.stdlib_module_names) | {"numpy", "engine"}
    for module, line in imports(path):
        assert module.partition(".")[0] in allowed, f"{name(path)}:{line} imports {module}."


def package(module):
    """The engine's package that a module belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / "engine" / parts[1]).is_dir() else "(top)"


def test_the_order_of_the_packages_names_them_all():
    folders = {path.parent.name for path in ENGINE if path.parent.name != "engine"}
    assert folders == set(ORDER) - {"(top)"}


@pytest.mark.parametrize("path", [path for path in ENGINE if path.name != "__init__.py"], ids=name)
def test_a_package_of_the_engine_imports_only_those_below_it(path):
    own = package(dotted(path))
    for module, line in imports(path):
        if module.startswith("engine."):
            assert package(module) in [own, *ORDER[own]], f"{name(path)}:{line} imports {module}."


def part(module):
    """The part of pages/shared that a module belongs to."""
    first = module.split(".")[2]
    return "base" if first in BASE else first if (ROOT / "pages" / "shared" / first).is_dir() else "page"


@pytest.mark.parametrize("order", [ORDER, SHARED_ORDER], ids=["engine", "shared"])
def test_an_order_goes_one_way(order):
    names = list(order)
    for one, below in order.items():
        assert all(names.index(other) < names.index(one) for other in below), one


def test_the_order_of_what_pages_share_names_all_parts():
    found = {part(dotted(path)) for path in SHARED if path.name != "__init__.py"}
    assert found == set(SHARED_ORDER)


@pytest.mark.parametrize("path", [path for path in SHARED if path.name != "__init__.py"], ids=name)
def test_a_part_of_what_pages_share_imports_only_those_below_it(path):
    own = part(dotted(path))
    for module, line in imports(path):
        if module.startswith("pages.shared."):
            assert part(module) in [own, *SHARED_ORDER[own]], f"{name(path)}:{line} imports {module}."


@pytest.mark.parametrize("files", [ENGINE, [*SHARED, *PAGES]], ids=["engine", "pages"])
def test_no_modules_import_each_other_in_a_circle(files):
    """Not even for types, or within a function."""
    paths = {dotted(path): path for path in files}
    left = {module: {m for m, _ in imports(path) if m in paths} for module, path in paths.items()}
    while free := [module for module, needed in left.items() if not needed & set(left)]:
        for module in free:
            del left[module]
    assert not left, f"A circle within {', '.join(sorted(left))}."


def privates(tree):
    """Names with one leading underscore that a file uses of other objects or modules, with the line."""
    own = {"_replace", "_asdict", "_fields"}  # what a NamedTuple offers to everybody
    own |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    own |= {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("self", "cls")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("engine", "pages"):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("_"))
        elif isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr) and node.attr not in own:
            yield node.attr, node.lineno


@pytest.mark.parametrize("path", [*ENGINE, *SHARED, *PAGES], ids=name)
def test_no_private_name_is_used_across_files(path):
    found = list(privates(ast.parse(path.read_text(encoding="utf-8"))))
    if name(path) == "engine/studies/microscope.py":
        found = [
            (used, line) for used, line in found if used != "_corrected"
        ]  # until methods explain themselves
    assert not found, f"{name(path)} uses {found}."


@pytest.mark.parametrize("path", SHARED, ids=name)
def test_shared_modules_import_no_page(path):
    for module, line in imports(path):
        parts = module.split(".")
        assert parts[0] != "pages" or parts[1:2] == ["shared"], f"{name(path)}:{line} imports {module}."


PURE = (
    "figures",
    "cards",
    "classroom.lesson",
    "live.quiz",
    "live.protocol",
    "live.request",
    "live.answers",
    "live.cards",
    "live.moments",
    "live.runs",
    "live.timeline",
    "live.run",
    "live.recorder",
    "live.view",
    "live.work",
)


def test_figures_cards_and_the_protocol_never_reach_streamlit():
    """They are for tests and scripts too: what they import of ours may not import Streamlit either."""
    by_name = {dotted(path): path for path in SHARED}
    todo = [module for module in by_name if module.removeprefix("pages.shared.").startswith(PURE)]
    seen: set[str] = set()
    assert len(todo) > 20
    while todo:
        module = todo.pop()
        if module in seen or module not in by_name:
            continue
        seen.add(module)
        for imported, line in imports(by_name[module]):
            assert imported.partition(".")[0] != "streamlit", f"{module}:{line} imports Streamlit."
            todo.append(imported)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_import_the_engine_and_shared_modules_and_never_one_another(path):
    room = path.relative_to(ROOT / "pages").parts[0]
    for module, line in imports(path):
        parts = module.split(".")
        assert parts[0] != "pages" or parts[1:2] in (["shared"], [room]), f"{name(path)}:{line} {module}"


@pytest.mark.parametrize("path", [*SHARED, *PAGES], ids=name)
def test_only_one_file_touches_the_session(path):
    """Its keys are made in pages/shared/session.py: two pages can't own the same one."""
    if name(path) == "pages/shared/session.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found = isinstance(node, ast.Attribute) and node.attr == "session_state"
        assert not found, (
            f"{name(path)}:{getattr(node, 'lineno', 0)} uses st.session_state; see pages/shared/session.py."
        )


def test_every_page_folder_has_its_place_in_the_navigation_and_each_page_its_folder():
    text = (ROOT / "pages" / "navigation.py").read_text(encoding="utf-8")
    assert sorted(re.findall(r'st\.Page\("(\w+)/\1\.py"', text)) == ROOMS


def test_no_module_of_the_engine_keeps_state_of_its_own():
    """No `global` statements: experiments in different threads share nothing that changes."""
    for path in ENGINE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Global), f"{name(path)}:{node.lineno} uses global."


def test_no_file_is_long_without_a_reason():
    files = [path for folder in ("engine", "pages", "assets") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        if path.suffix in (".py", ".js", ".css") and name(path) not in LONG:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, name(path)
