"""What is published stays as it was: later facts, two presses and other hands change nothing of it."""

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Department
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi.periods import document, published, rules, service
from govdesk.kpi.periods.models import PeriodVersion, ReportPeriod
from govdesk.kpi.periods.service import PeriodError
from govdesk.people.models import Staff
from tests.databases import KIND
from tests.makers import MORNING, Cast
from tests.period_makers import (
    SAW,
    SEPTEMBER,
    WILL,
    count,
    make_month,
    make_waits,
    publish,
    reflect_on_all,
)
from tests.processes import environ, govdesk

Json = dict[str, Any]

LATE = {"ar": "وصل ملف متأخر", "en": "a late file"}


def rows(told: Json, key: str, by: str = "") -> dict[str | None, Json]:
    """The rows of a figure by their group."""
    figures = (one for one in told["figures"] if one["key"] == key and one["by"] == ([by] if by else []))
    return {row["group"].get(by): row for figure in figures for row in figure["rows"]}


def here(session: Session, name: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.username == name)).one()


def published_month(cast: Cast) -> Json:
    with transaction() as session:
        make_month(session, cast)
        return published.document_of(publish(session, cast=cast))


def test_a_month_is_drafted_when_it_is_over_and_only_once(cast: Cast) -> None:
    with transaction() as session:
        assert service.draft_ended(session) == []  # nobody came yet
        make_month(session, cast)
        made = service.draft_ended(session)
        assert sorted(one.code for one in made) == [
            "2026-09", "2026-09-civil", "2026-09-lands", "2026-Q3", "2026-Q3-civil", "2026-Q3-lands",
        ]  # fmt: skip
        assert service.draft_ended(session) == []
        with pytest.raises(PeriodError) as refused:
            service.draft(session, actor=SYSTEM, span=rules.month_of(dt.date(2026, 10, 1)))
        assert refused.value.key == "periods.not_over"
    with clock.at(MORNING + dt.timedelta(days=62)), transaction() as session:
        codes = [one.code for one in service.draft_ended(session) if one.department is None]
    assert codes == ["2026-11", "2026-10"]


def test_a_document_says_what_was_counted_and_hides_few(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        make_waits(session, branch=cast.harbour, service=cast.passport, count=4)
        told = published.document_of(publish(session, cast=cast))
    assert document.is_whole(told)
    assert (told["period"], told["version"], told["from"], told["to"]) == (
        "2026-09",
        1,
        "2026-09-01",
        "2026-09-30",
    )
    whole = rows(told, "service_level")[None]
    assert (whole["numerator"], whole["denominator"], whole["n"]) == (74, 84, 84)
    branches = rows(told, "service_level", "branch")
    assert (branches["north"]["numerator"], branches["north"]["n"]) == (50, 60)
    services = rows(told, "service_level", "service")
    assert services["passport"]["detail"] == {"hidden": True}
    assert services["renewal"]["value"] is None  # or four of civil's 64 would be told
    assert services["deed"]["n"] == 20
    assert told["names"]["service"]["deed"] == {"ar": "صك أرض", "en": "Land deed"}
    assert told["targets"]["service_level"] == {"value": 0.8, "due_on": None}
    assert told["reflections"][0]["saw"] == SAW
    young = rows(told, "repeat_visit_rate")
    assert young[None]["value"] is None


def test_without_a_word_in_each_topic_nothing_is_published(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        adam = here(session, "adam")
        period = service.draft(session, actor=adam.actor, span=SEPTEMBER)
        with pytest.raises(PeriodError) as refused:
            service.publish(session, actor=adam.actor, period=period, measured=count(session, period))
        assert refused.value.key == "periods.reflection_missing"
        assert "waiting" in service.missing(session, period, count(session, period))
        reflect_on_all(session, actor=adam.actor, period=period, owner=adam)
        assert period.state == rules.REFLECTION
        service.publish(session, actor=adam.actor, period=period, measured=count(session, period))
        assert period.state == rules.PUBLISHED


def test_facts_that_come_later_change_nothing_and_a_correction_is_a_new_version(cast: Cast) -> None:
    first = published_month(cast)
    with transaction() as session:
        make_waits(session, branch=cast.north, service=cast.renewal, count=12, late=12)
    assert published.document_of(published.version(reading(), "2026-09")) == first
    with transaction() as session:
        period, adam = published.period_of(session, "2026-09"), here(session, "adam").actor
        with pytest.raises(DeskError) as lacking:
            service.correct(
                session, actor=adam, period=period, measured=count(session, period), of=1,
                reason={**LATE, "en": " "},
            )  # fmt: skip
        assert lacking.value.field == "reason_en"
        made = service.correct(
            session, actor=adam, period=period, measured=count(session, period), of=1, reason=LATE
        )
        later = published.document_of(made)
        with pytest.raises(PeriodError) as refused:
            service.correct(
                session, actor=adam, period=period, measured=count(session, period), of=1, reason=LATE
            )
        assert refused.value.key == "periods.corrected_meanwhile"
    assert (later["version"], later["reason_by_language"]) == (2, LATE)
    assert later["reason"] == "وصل ملف متأخر · a late file"
    assert rows(later, "service_level")[None]["n"] == 92
    assert published.document_of(published.version(reading(), "2026-09", 1)) == first
    changed = {one.key for one in document.changes(first, later)}
    assert "service_level" in changed


def test_one_late_person_is_not_told_by_a_correction(cast: Cast) -> None:
    first = published_month(cast)
    with transaction() as session:
        make_waits(session, branch=cast.harbour, service=cast.renewal, count=1, late=1)
        period, adam = published.period_of(session, "2026-09"), here(session, "adam").actor
        made = service.correct(
            session, actor=adam, period=period, measured=count(session, period), of=1, reason=LATE
        )
        later = published.document_of(made)
    for by in ("", "branch", "department", "service"):
        assert rows(later, "service_level", by) == rows(first, "service_level", by)


def test_a_departments_report_takes_over_what_the_agency_said(cast: Cast) -> None:
    first = published_month(cast)
    with transaction() as session:
        make_waits(session, branch=cast.north, service=cast.renewal, count=1, late=1)
        own = published.document_of(publish(session, cast=cast, who="huda", is_own=True))
    assert (own["period"], own["department"]) == ("2026-09-civil", "civil")
    assert (
        rows(own, "service_level")[None]["n"]
        == rows(first, "service_level", "department")["civil"]["n"]
        == 60
    )
    assert rows(own, "service_level", "branch") == {}


def test_the_head_of_a_department_publishes_it_and_no_other(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        huda = here(session, "huda")
        lands = session.get_one(Department, cast.lands.id)
        for department in (None, lands):
            period = service.draft(session, actor=SYSTEM, span=SEPTEMBER, department=department)
            with pytest.raises(NotAllowedError):
                service.publish(session, actor=huda.actor, period=period, measured=count(session, period))
            with pytest.raises(NotAllowedError):
                reflect_on_all(session, actor=huda.actor, period=period, owner=huda)
            assert not service.may_read(huda.actor, period)
        aziz = here(session, "aziz").actor
        assert service.may_read(aziz, period)
        assert not service.may_publish(aziz, period)


def test_a_quarter_waits_for_its_months(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        adam = here(session, "adam")
        month = service.draft(session, actor=adam.actor, span=SEPTEMBER)
        quarter = service.draft(session, actor=adam.actor, span=SEPTEMBER.quarter)
        for period in (month, quarter):
            reflect_on_all(session, actor=adam.actor, period=period, owner=adam)
        with pytest.raises(PeriodError) as refused:
            service.publish(session, actor=adam.actor, period=quarter, measured=count(session, quarter))
        assert refused.value.key == "periods.months_first"
        for period in (month, quarter):
            service.publish(session, actor=adam.actor, period=period, measured=count(session, period))
        august = service.draft(session, actor=adam.actor, span=SEPTEMBER.before)
        reflect_on_all(session, actor=adam.actor, period=august, owner=adam)
        with pytest.raises(PeriodError) as refused:
            service.publish(session, actor=adam.actor, period=august, measured=count(session, august))
        assert refused.value.key == "periods.quarter_done"


def test_published_twice_at_once_it_is_published_once(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        adam = here(session, "adam")
        period = service.draft(session, actor=adam.actor, span=SEPTEMBER)
        reflect_on_all(session, actor=adam.actor, period=period, owner=adam)
        actor = adam.actor
    gate, said = threading.Barrier(3), list[str]()

    def press() -> None:
        with app.app_context(), clock.at(MORNING):
            measured = count(reading(), published.period_of(reading(), "2026-09"))
            reading().rollback()
            gate.wait()
            with transaction() as session:
                here = published.period_of(session, "2026-09")
                said.append(service.publish(session, actor=actor, period=here, measured=measured).hash)

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 3
    assert len(set(said)) == 1
    assert reading().query(PeriodVersion).count() == 1


def test_the_database_refuses_to_change_what_was_published(cast: Cast) -> None:
    published_month(cast)
    with pytest.raises(DBAPIError), transaction() as session:
        session.execute(update(PeriodVersion).values(frozen="{}"))
    with pytest.raises(DBAPIError), transaction() as session:
        session.delete(session.scalars(select(PeriodVersion)).one())


def test_a_reflection_becomes_an_obstacle_of_whoever_will_change_it(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        adam, huda = here(session, "adam"), here(session, "huda")
        period = service.draft(session, actor=adam.actor, span=SEPTEMBER)
        said = service.reflect(
            session, actor=adam.actor, period=period, topic="waiting", saw=SAW, will=WILL, owner=huda,
            due_on=dt.date(2026, 12, 1), obstacle="staffing",
        )  # fmt: skip
        assert said.obstacle is not None
        assert (said.obstacle.assigned_to_id, said.obstacle.due_on) == (huda.id, dt.date(2026, 12, 1))
        for wrong, field in (
            ({"saw": {"ar": "نعم"}}, "saw_en"),
            ({"due_on": dt.date(2026, 10, 1)}, "due_on"),
            ({"owner": here(session, "omar")}, "owner"),
            ({"topic": "weather"}, "topic"),
        ):
            given: Json = {
                "topic": "waiting",
                "saw": SAW,
                "will": WILL,
                "owner": huda,
                "due_on": dt.date(2026, 12, 1),
            }
            with pytest.raises(DeskError) as refused:
                service.reflect(session, actor=adam.actor, period=period, **{**given, **wrong})
            assert refused.value.field == field
    assert reading().query(ReportPeriod).one().state == rules.REFLECTION


def test_commands_publish_list_and_verify(app: Flask, cast: Cast) -> None:
    env = environ(app.extensions["govdesk"])
    with transaction() as session:
        make_month(session, cast)
        adam = here(session, "adam")
        period = service.draft(session, actor=adam.actor, span=SEPTEMBER)
    refused = govdesk("kpi", "periods", "publish", "2026-09", "--by", "adam", env=env)
    assert refused.returncode == 1
    assert "reflected" in refused.stderr
    with transaction() as session:
        period = published.period_of(session, "2026-09")
        reflect_on_all(session, actor=cast.staff["adam"].actor, period=period, owner=cast.staff["adam"])
    told = govdesk("kpi", "periods", "publish", "2026-09", "--by", "adam", env=env)
    assert told.returncode == 0, told.stderr
    hashed = published.version(reading(), "2026-09").hash
    assert hashed in told.stdout
    reading().rollback()
    assert f"2026-09\tpublished\t1\t{hashed}" in govdesk("kpi", "periods", "list", env=env).stdout
    assert "1 published versions" in govdesk("kpi", "periods", "verify", env=env).stdout
    drop = "DROP TRIGGER period_version_stays" + (" ON period_version" if KIND == "postgresql" else "")
    with transaction() as session:
        session.execute(text(drop))
        session.execute(update(PeriodVersion).values(frozen=func.replace(PeriodVersion.frozen, "80", "81")))
    assert "2026-09 version 1" in govdesk("kpi", "periods", "verify", env=env).stderr
