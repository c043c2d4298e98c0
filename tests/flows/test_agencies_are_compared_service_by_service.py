"""Two installations that code their services alike read each other and stand adjusted for what they offer."""

import csv
import dataclasses
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import SYSTEM
from govdesk.app import create_app
from govdesk.catalog.models import PublicService
from govdesk.config import Settings
from govdesk.db import db, reading, transaction
from govdesk.kpi.feeds import agencies, fetching, service
from govdesk.kpi.periods import document, published
from govdesk.kpi.periods import service as periods
from tests import databases
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_cast, moment
from tests.period_makers import count, make_month, make_waits, publish

Json = dict[str, Any]
SignIn = Callable[[str], Desk]
CARD, DEED = ("national-services", "CIV-201"), ("national-services", "LND-301")
HERE, THERE = "https://here.example", "https://there.example"


def give_code(session: Session, row: PublicService, code: tuple[str, str]) -> None:
    here = session.get_one(PublicService, row.id)
    here.common_vocabulary, here.common_code = code


def by_code(told: Json, key: str = "service_level") -> dict[str, Json]:
    """The rows of a measure by common code."""
    figures = [one for one in told["figures"] if (one["key"], one["by"]) == (key, ["common_code"])]
    return {row["group"]["common_code"]: row for one in figures for row in one["rows"]}


@pytest.fixture
def here(app: Flask, settings: Settings, cast: Cast) -> Flask:
    """Of 60 cards 20 waited long, of 40 deeds 4; 30 passports have no code."""
    app.extensions["govdesk"] = dataclasses.replace(settings, public_url=HERE)
    with transaction() as session:
        give_code(session, cast.renewal, CARD)
        give_code(session, cast.deed, DEED)
        for row, people, late in ((cast.renewal, 60, 20), (cast.deed, 40, 4), (cast.passport, 30, 15)):
            make_waits(session, branch=cast.north, service=row, count=people, late=late)
        publish(session, cast=cast)
    return app


@pytest.fixture
def there(settings: Settings, tmp_path: Path, _template: str) -> Iterator[Flask]:
    """Another installation: 20 cards, which it calls passports, of which 10 waited long; 80 deeds and 8."""
    if databases.KIND == "postgresql":
        name = f"there_{chance.key(8)}"
        url = databases.create(name, template=_template)
    else:
        name = shutil.copyfile(_template, tmp_path / "there.sqlite3").name
        url = f"sqlite:///{tmp_path / name}"
    app = create_app(dataclasses.replace(settings, instance=tmp_path, database_url=url, public_url=THERE))
    app.testing = True
    with app.app_context(), clock.at(MORNING):
        with transaction() as session:
            cast = make_cast(session)
            give_code(session, cast.passport, CARD)
            give_code(session, cast.deed, DEED)
            make_waits(session, branch=cast.harbour, service=cast.passport, count=20, late=10)
            make_waits(session, branch=cast.north, service=cast.deed, count=80, late=8)
            publish(session, cast=cast)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()
    if databases.KIND == "postgresql":
        databases.drop(name)


def read(reader: Flask, publisher: Flask, base: str) -> list[agencies.Agency]:
    """Let one installation read what another gives out; what it knows then of September."""

    def fetch(url: str) -> bytes:
        assert url.startswith(base)
        given: bytes = publisher.test_client().get(url.removeprefix(base)).data
        return given

    with reader.app_context(), clock.at(moment("09:30")):
        with transaction() as session:
            service.register(session, actor=SYSTEM, url=base + document.INDEX_URL)
        assert fetching.fetch_due(fetch) == 1
        found = agencies.gather(reading(), "2026-09")
        db.session.remove()
    return found


def test_each_of_two_installations_reads_the_other_and_both_say_the_same(here: Flask, there: Flask) -> None:
    ours, theirs = read(here, there, THERE)
    assert ours.told["service_level"].codes == {
        "national-services:CIV-201": (40, 60), "national-services:LND-301": (36, 40),
    }  # fmt: skip
    assert theirs.told["service_level"].codes == {
        "national-services:CIV-201": (10, 20), "national-services:LND-301": (72, 80),
    }  # fmt: skip
    first, second = agencies.compare([ours, theirs], "service_level").units
    # late: 30 of 80 cards, 12 of 120 deeds; here 60 × 3/8 + 40 × 1/10, there 20 × 3/8 + 80 × 1/10
    for unit, observed, expected, covered in ((first, 24, 26.5, 100 / 130), (second, 18, 15.5, 1)):
        assert unit.adjusted is not None
        assert (unit.adjusted.observed, unit.covered) == (observed, covered)
        assert unit.adjusted.expected == pytest.approx(expected)
    there_ours, there_theirs = read(there, here, HERE)
    assert (there_ours.told, there_theirs.told) == (theirs.told, ours.told)


def test_pages_and_files_tell_what_is_adjusted(here: Flask, there: Flask, sign_in: SignIn) -> None:
    read(here, there, THERE)
    huda, path = sign_in("huda"), "/figures/comparison/agencies"
    page = huda.get(f"{path}?measure=service_level", language="en", status=200)
    ours = " ".join(line for line in page.words("tr") if "(we)" in line)
    # 42 of the 200 in shared services were late: 1 − .21 × 24 / 26.5
    assert "(we) 76.9% 24 26.5 0.91 (0.58–1.35) 81.0%" in ours
    assert "In shared services" in page.main
    arabic = huda.get(f"{path}?measure=service_level", language="ar", status=200).main
    assert "في خدمات مشتركة" in arabic
    assert "٢٦٫٥" in arabic
    file = huda.get(f"{path}.csv?measure=service_level", status=200).data.decode("utf-8-sig")
    rows = {row["agency"]: row for row in csv.DictReader(io.StringIO(file))}
    assert (rows["ours"]["observed"], rows["ours"]["expected"][:4]) == ("24", "26.5")
    assert [rows["ours"][name][:4] for name in ("ratio", "ratio_low", "ratio_high")] == [
        "0.90", "0.58", "1.34",
    ]  # fmt: skip


def test_a_document_says_which_codes_were_summed(here: Flask, desk: Desk) -> None:
    told = desk.get("/open-data/2026-09.json", status=200).json
    assert document.is_whole(told)
    assert told["common_codes"] == {
        "deed": "national-services:LND-301", "renewal": "national-services:CIV-201",
    }  # fmt: skip
    assert by_code(told)["national-services:CIV-201"]["value"] == pytest.approx(2 / 3)
    assert by_code(told, "waiting_time") == {}  # a median has no counts to be adjusted
    lines = csv.DictReader(io.StringIO(desk.get("/open-data/2026-09.csv").data.decode("utf-8-sig")))
    rows = [row for row in lines if row["common_code"] and row["key"] == "service_level"]
    assert [(row["common_code"], row["numerator"], row["denominator"]) for row in rows] == [
        ("national-services:CIV-201", "40", "60"), ("national-services:LND-301", "36", "40"),
    ]  # fmt: skip
    assert all(row["status"] == "shown" and not row["service"] and not row["target"] for row in rows)


def test_few_people_of_a_service_hide_its_code_and_one_late_person_changes_none(cast: Cast) -> None:
    with transaction() as session:
        for row, code in ((cast.renewal, CARD), (cast.passport, CARD), (cast.deed, DEED)):
            give_code(session, row, code)
        make_month(session, cast)
        make_waits(session, branch=cast.harbour, service=cast.passport, count=4)
        first = by_code(published.document_of(publish(session, cast=cast)))
    # of civil's 64 the 4 would be the difference from the 60 that came for renewal
    assert first["national-services:CIV-201"]["detail"] == {"hidden": True}
    assert first["national-services:CIV-201"]["n"] is None
    assert first["national-services:LND-301"]["n"] == 20
    with transaction() as session:
        make_waits(session, branch=cast.north, service=cast.deed, count=1, late=1)
        period, adam = published.period_of(session, "2026-09"), cast.staff["adam"].actor
        made = periods.correct(
            session, actor=adam, period=period, measured=count(session, period), of=1,
            reason={"ar": "وصل ملف متأخر", "en": "a late file"},
        )  # fmt: skip
        assert by_code(published.document_of(made)) == first


def test_an_installation_without_codes_publishes_as_before(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        told = published.document_of(publish(session, cast=cast))
    assert "common_codes" not in told
    assert {tuple(one["by"]) for one in told["figures"]} == {(), ("branch",), ("department",), ("service",)}
