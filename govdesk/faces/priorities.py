"""The groups whom the law puts first, as forms offer them and pages name them."""

from collections.abc import Iterable

from govdesk.catalog import priorities
from govdesk.catalog.priorities import NONE, Group
from govdesk.db import reading
from govdesk.i18n import language, named, t


def name_of(code: str) -> str:
    """What a group is called; one that nobody here knows (of an import) by its code."""
    if code == NONE:
        return t("queue.priority_none")
    group = _known().get(code)
    return named(group) if group else code


def meanings() -> dict[str, str]:
    """Who belongs to a group, in a sentence, by its code; those of which nobody has said it are left out."""
    return {code: meant for code, group in _known().items() if (meant := _meant(group))}


def sayable(*, by_staff: bool) -> list[Group]:
    """The groups in use, in their order: all, or those to which a person's own word is enough to belong."""
    return [one for one in _known().values() if one.is_active and (by_staff or one.is_stated)]


def by_reception() -> list[str]:
    """The names of the groups in use to which one's own word is not enough to belong."""
    return [named(one) for one in _known().values() if one.is_active and not one.is_stated]


def choices() -> list[tuple[str, str]]:
    """What staff choose from, code and name, that of none first."""
    return _choices(sayable(by_staff=True))


def choices_of_oneself() -> list[tuple[str, str]]:
    """The same for those who say it themselves: groups to which one's own word is enough to belong."""
    return _choices(sayable(by_staff=False))


def of_oneself(code: str | None) -> str:
    """The code of what somebody said of themselves; that of none where it is nothing one may say."""
    return code if code is not None and code in dict(choices_of_oneself()) else NONE


def names() -> dict[str, str]:
    """Every group by its code, that of none first, those out of use too."""
    return {code: name_of(code) for code in (NONE, *_known())}


def _meant(group: Group) -> str:
    first, second = group.meant_ar, group.meant_en
    return (first or second) if language() == "ar" else (second or first)


def _choices(groups: Iterable[Group]) -> list[tuple[str, str]]:
    return [(NONE, name_of(NONE)), *((one.code, named(one)) for one in groups)]


def _known() -> dict[str, Group]:
    return priorities.kept(reading())
