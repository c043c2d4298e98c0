"""What a figure is to reach in words: by when, who answers for it, and whether that day has passed."""

from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.marked import day_of
from govdesk.i18n import named, t
from govdesk.kpi.figures import Row
from govdesk.kpi.registry import Measure


def target_of(asked: Asked, measure: Measure) -> str:
    """The target with its direction and its day; empty without one."""
    said, until = words.target_of(measure, asked.target(measure)), until_of(asked, measure)
    return t("targets.by_day", target=said, until=until) if said and until else said


def until_of(asked: Asked, measure: Measure) -> str:
    """By when it is to be reached; empty where it is to hold always."""
    own = asked.targets.get(measure.key)
    if own is None or own.due_on is None:
        return ""
    return t("targets.until", day=day_of(own.due_on, asked.today))


def beside_of(asked: Asked, measure: Measure) -> str:
    """By when, and who answers for it."""
    own = asked.targets.get(measure.key)
    owner = t("targets.owned_by", name=named(own.owner)) if own is not None and own.owner else ""
    return t("design.joint").join(filter(None, [until_of(asked, measure), owner]))


def overdue(asked: Asked, measure: Measure, row: Row) -> str:
    """That the day is over and the figure is not there yet; empty otherwise."""
    own = asked.targets.get(measure.key)
    if own is None or own.value is None or own.due_on is None or row.value is None or row.is_hidden:
        return ""
    is_met = row.value <= own.value if measure.is_lower_better else row.value >= own.value
    if is_met or asked.today <= own.due_on:
        return ""
    return t("targets.overdue", day=day_of(own.due_on, asked.today), value=words.value_of(row) or "")
