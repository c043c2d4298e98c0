"""What is emitted is heard or silent on purpose; what is listened for is emitted; names are written out."""

import ast
import re
from pathlib import Path

from govdesk import unheard, wiring

PACKAGE = Path(wiring.__file__).parent
NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")


def test_every_emitted_event_is_heard_or_named_as_silent() -> None:
    assert emitted() - set(wiring.HANDLERS) - set(unheard.SILENT) == set()


def test_every_listener_waits_for_something_that_happens() -> None:
    assert (set(wiring.HANDLERS) | set(unheard.SILENT)) - emitted() == set()


def test_nothing_is_both_heard_and_silent() -> None:
    assert set(wiring.HANDLERS) & set(unheard.SILENT) == set()
    assert all(wiring.HANDLERS.values())


def test_events_are_a_noun_and_a_past_participle() -> None:
    assert [name for name in emitted() if not NAME.fullmatch(name)] == []


def test_job_names_are_unique_and_belong_to_an_area() -> None:
    names = [job.name for job in wiring.JOBS]
    assert len(names) == len(set(names))
    assert [name for name in names if not NAME.fullmatch(name)] == []


def emitted() -> set[str]:
    """The literal names given to `emit`; a name that is put together is refused."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in calls(function, "emit"):
                where = f"{path.relative_to(PACKAGE)}:{call.lineno}"
                names |= literals(call.args[1], function, tree, where)
    return names


def calls(inside: ast.AST, name: str) -> list[ast.Call]:
    found = [node for node in ast.walk(inside) if isinstance(node, ast.Call) and name_of(node.func) == name]
    return [call for call in found if len(call.args) > 1]


def literals(node: ast.expr, function: ast.FunctionDef, tree: ast.Module, where: str) -> set[str]:
    """A name as it is written; where a function passes it on, as its callers in the module write it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return literals(node.body, function, tree, where) | literals(node.orelse, function, tree, where)
    parameters = [argument.arg for argument in function.args.args]
    if isinstance(node, ast.Name) and node.id in parameters:
        given = [call.args[parameters.index(node.id)] for call in calls(tree, function.name)]
        return set().union(*(literals(each, function, tree, where) for each in given))
    raise AssertionError(f"{where}: the name of an event must be written out")


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
