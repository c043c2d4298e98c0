"""What is emitted is heard or silent on purpose; what is listened for is emitted; names are written out."""

import ast
import re
from pathlib import Path

from govdesk import wiring

PACKAGE = Path(wiring.__file__).parent
NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")


def test_every_emitted_event_is_heard_or_named_as_silent() -> None:
    assert emitted() - set(wiring.HANDLERS) - set(wiring.SILENT) == set()


def test_every_listener_waits_for_something_that_happens() -> None:
    assert (set(wiring.HANDLERS) | set(wiring.SILENT)) - emitted() == set()


def test_nothing_is_both_heard_and_silent() -> None:
    assert set(wiring.HANDLERS) & set(wiring.SILENT) == set()
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
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and name_of(call.func) == "emit" and len(call.args) > 1:
                names |= literals(call.args[1], f"{path.relative_to(PACKAGE)}:{call.lineno}")
    return names


def literals(node: ast.expr, where: str) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return literals(node.body, where) | literals(node.orelse, where)
    raise AssertionError(f"{where}: the name of an event must be written out")


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
