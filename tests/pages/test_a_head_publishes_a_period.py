"""A head looks at a month, says what was seen and will change, and publishes it; nobody else's."""

from collections.abc import Callable

from govdesk.cases.obstacles.models import Obstacle
from govdesk.db import reading, transaction
from govdesk.kpi.periods import published, rules, service
from govdesk.kpi.periods.models import PeriodReflection, PeriodVersion, ReportRecipient
from tests.desk import Desk
from tests.makers import Cast
from tests.period_makers import make_month, make_waits, reflect_on_all

SignIn = Callable[[str], Desk]
LIST = "/figures/periods"
OWN, AGENCY = f"{LIST}/2026-09-civil", f"{LIST}/2026-09"
SAID = {
    "saw_ar": "انتظر الناس طويلًا.", "saw_en": "People waited long.", "will_ar": "نافذة ثالثة.",
    "will_en": "A third counter.", "due_on": "2026-12-01",
}  # fmt: skip


def drafted(cast: Cast) -> None:
    with transaction() as session:
        make_month(session, cast)
        service.draft_ended(session)


def reflected(cast: Cast, code: str, who: str) -> None:
    with transaction() as session:
        period = published.period_of(session, code)
        reflect_on_all(session, actor=cast.staff[who].actor, period=period, owner=cast.staff[who])


def test_a_head_sees_the_figures_beside_what_they_were(cast: Cast, sign_in: SignIn) -> None:
    drafted(cast)
    huda = sign_in("huda")
    listed = huda.get(LIST, language="en", status=200)
    assert OWN in listed.links()
    assert AGENCY not in listed.links()
    page = huda.get(OWN, language="en", status=200)
    assert "83.3%" in page.main  # ten of sixty were late
    assert "at least 80%" in page.main
    assert "Still missing before it can be published" in page.main
    assert "Waiting and attending" in page.main
    figure = "/figures/service_level?from_on=2026-09-01&to_on=2026-09-30&department=civil"
    assert figure in page.links()
    assert "83.3%" in huda.get(figure, language="en", status=200).main  # of the same days


def test_a_reflection_is_asked_for_and_may_become_an_obstacle(cast: Cast, sign_in: SignIn) -> None:
    drafted(cast)
    huda = sign_in("huda")
    page = huda.post(f"{OWN}/reflect/waiting", {**SAID, "saw_en": "", "due_on": "2020-01-01"}, language="en")
    assert page.status == 422
    assert set(page.errors()) == {"saw_en"}
    assert "نافذة ثالثة." in page.html  # what was typed stays
    late = huda.post(f"{OWN}/reflect/waiting", {**SAID, "due_on": "2020-01-01"}, language="en")
    assert set(late.errors()) == {"due_on"}
    huda.post(f"{OWN}/reflect/waiting", {**SAID, "obstacle": "staffing"}, status=302)
    assert reading().query(PeriodReflection).one().topic == "waiting"
    assert reading().query(Obstacle).one().department_id == cast.civil.id
    assert "People waited long." in huda.get(OWN, language="en").main


def test_published_with_a_press_and_corrected_with_a_reason(cast: Cast, sign_in: SignIn, desk: Desk) -> None:
    drafted(cast)
    reflected(cast, "2026-09-civil", "huda")
    huda = sign_in("huda")
    page = huda.get(OWN, language="en")
    huda.submit(page, action=f"{OWN}/publish", status=302)
    huda.submit(page, action=f"{OWN}/publish", status=302)  # the same press again
    row = reading().query(PeriodVersion).one()
    assert row.hash in huda.get(OWN, language="en").main
    assert "83.3%" in desk.get("/performance/2026-09-civil", language="en", status=200).main
    reading().rollback()
    with transaction() as session:
        make_waits(session, branch=cast.north, service=cast.renewal, count=12, late=12)
    nothing = huda.post(f"{OWN}/correct/1", {"reason_en": "a late file"}, page=OWN, language="en")
    assert set(nothing.errors()) == {"reason_ar"}
    assert any(one.get("value") == "a late file" for one in nothing.all("input"))
    both = {"reason_ar": "وصل ملف متأخر", "reason_en": "a late file"}
    huda.post(f"{OWN}/correct/1", both, page=OWN, status=302)
    assert "وصل ملف متأخر" in huda.get(OWN, language="ar").main
    assert [one.number for one in published.versions(reading(), "2026-09-civil")] == [1, 2]


def test_without_every_reflection_a_press_that_was_made_by_hand_is_refused(
    cast: Cast, sign_in: SignIn
) -> None:
    drafted(cast)
    huda = sign_in("huda")
    page = huda.get(f"{OWN}/reflect/waiting")
    token = {name: page.form().find(f".//input[@name='{name}']") for name in ("csrf_token", "once")}
    values = {name: one.get("value") for name, one in token.items() if one is not None}
    assert huda.send(f"{OWN}/publish", values).status in {302, 409}
    assert reading().query(PeriodVersion).count() == 0


def test_another_place_is_nobodys_by_its_address(cast: Cast, sign_in: SignIn) -> None:
    drafted(cast)
    huda, sara, aziz = sign_in("huda"), sign_in("sara"), sign_in("aziz")
    lands = f"{LIST}/2026-09-lands"
    for path in (AGENCY, lands, f"{lands}/reflect/waiting"):
        assert huda.get(path).status == 403
    for path in (f"{lands}/publish", f"{AGENCY}/publish", f"{lands}/correct/1", f"{lands}/reflect/waiting"):
        assert huda.send(path, {}).status in {400, 403}
    assert sara.get(OWN).status == 403
    page = aziz.get(AGENCY, language="en", status=200)
    assert page.forms() == [] or all("publish" not in page.action(form) for form in page.forms())
    assert aziz.get(f"{AGENCY}/reflect/waiting").status == 403
    assert huda.get(f"{LIST}/2031-01").status == 404
    assert huda.get(f"{OWN}/reflect/weather").status == 404


def test_the_list_of_recipients_is_kept_by_whoever_publishes(cast: Cast, sign_in: SignIn) -> None:
    adam, huda = sign_in("adam"), sign_in("huda")
    path = f"{LIST}/recipients"
    adam.post(path, {"place": "", "email": "Minister@city.example", "language": "ar"}, status=302)
    again = adam.post(path, {"place": "", "email": "Minister@city.example", "language": "en"}, language="en")
    assert "email" in again.errors()
    assert (
        "email"
        in adam.post(path, {"place": "", "email": "nothing", "language": "en"}, language="en").errors()
    )
    page = huda.get(path, language="en", status=200)
    assert "city.example" not in page.main
    one = reading().query(ReportRecipient).one()
    assert one.department_id is None
    number = one.id
    assert huda.send(f"{path}/{number}/remove", {}).status in {400, 403}
    adam.post(f"{path}/{number}/remove", page=path, status=302)
    assert reading().query(ReportRecipient).count() == 0


def test_every_topic_has_a_name(cast: Cast, sign_in: SignIn) -> None:
    drafted(cast)
    adam = sign_in("adam")
    for topic in rules.TOPICS:
        adam.get(f"{AGENCY}/reflect/{topic}", status=200)
