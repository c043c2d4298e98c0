"""One place each for commit, time and chance; small modules; rules that need only the standard library."""

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "govdesk"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
SHOWN = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.*")])
LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "dt.date.today", "time.time"}
CHANCE = {"random", "secrets", "uuid"}
KERNEL_FOR_RULES = {"govdesk.errors"}  # a refusal is data: a key and its values
LIBRARIES_FOR_RULES = {
    "govdesk.feedback.asking.periods": {"hijridate"},
    "govdesk.kpi.lengths": {"numpy"},  # of millions of cases (decision 0026)
    "govdesk.kpi.stages": {"numpy"},
    "govdesk.kpi.survival": {"numpy"},
    "govdesk.people.contact": {"phonenumbers"},
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(tree), "a module without a docstring"
    long = [
        (node.name, size)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (size := code_lines(node)) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_one_place_commits_tells_the_time_and_draws_lots(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    own = path.relative_to(PACKAGE).as_posix()
    called = {dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if own not in {"db.py", "link.py"}:  # the second ends what only reads
        assert {name for name in called if name.endswith(".commit")} == set()
    if own != "clock.py":
        assert {name for name in called if any(name.endswith(banned) for banned in TIME)} == set()
    if own != "chance.py":
        assert {name for name in called if name.split(".")[0] in CHANCE} == set()


def test_rules_import_the_standard_library_and_each_other_only() -> None:
    pure = pure_modules()
    assert pure >= {module for module in map(module_name, MODULES) if module.endswith(".rules")}
    for module in sorted(pure):
        tree = ast.parse((ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8"))
        foreign = {
            wanted
            for wanted in imported(tree)
            if wanted.split(".")[0] not in sys.stdlib_module_names
            and wanted not in pure | KERNEL_FOR_RULES
            and wanted.split(".")[0] not in LIBRARIES_FOR_RULES.get(module, set())
        }
        assert foreign == set(), module


@pytest.mark.parametrize("path", SHOWN, ids=relative)
def test_pages_ask_no_other_host_for_anything(path: Path) -> None:
    text = re.sub(r"http://www\.w3\.org/\d+/\w+", "", path.read_bytes().decode("utf-8", "replace"))
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}[^\s\"')]*", text) == []


def test_the_package_itself_imports_nothing() -> None:
    assert list(imported(ast.parse((PACKAGE / "__init__.py").read_text("utf-8")))) == []


def pure_modules() -> set[str]:
    """The modules that setup.cfg names as pure, and the one that reads phone numbers."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    return {*settings["importlinter:contract:pure"]["source_modules"].split(), *LIBRARIES_FOR_RULES}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module == "govdesk":
                yield from (f"govdesk.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return getattr(node, "id", "")


def code_lines(function: ast.FunctionDef) -> int:
    first = function.body[0]
    documented = (
        first.end_lineno if isinstance(first, ast.Expr) and ast.get_docstring(function) else function.lineno
    )
    return (function.end_lineno or 0) - (documented or 0)
