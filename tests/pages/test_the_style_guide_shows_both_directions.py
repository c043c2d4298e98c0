"""The living style guide: every component, in Arabic and English on one page."""

from tests.desk import Desk


def test_each_sample_stands_once_in_each_direction(desk: Desk) -> None:
    page = desk.get("/styleguide", language="en", status=200)
    panes = page.all("div", "pane")
    assert len(panes) == 2 * 16
    assert [(pane.get("lang"), pane.get("dir")) for pane in panes[:2]] == [("ar", "rtl"), ("en", "ltr")]
    assert page.heading == "The face of govdesk"


def test_a_quantity_takes_the_digits_of_its_pane_and_an_identifier_stays(desk: Desk) -> None:
    arabic, english = desk.get("/styleguide", language="ar", status=200).words("div", "pane")[:2]
    assert "١٬٢٠٤" in arabic
    assert "1,204" in english
    assert "A012" in arabic
    assert "A012" in english


def test_a_wrong_field_says_so_beside_itself_and_keeps_what_was_typed(desk: Desk) -> None:
    page = desk.get("/styleguide", language="en", status=200)
    errors = page.errors()
    assert errors["ar-phone"] == "خطأ: رقم الجوال أرقام فقط، وفيه الحرف x."
    assert errors["en-phone"] == "Error: A mobile number has digits only: there is the letter x in it."
    phones = [field for field in page.root.iter("input") if field.get("id") in {"ar-phone", "en-phone"}]
    assert [field.get("value") for field in phones] == ["05x1234567", "05x1234567"]
    assert [field.get("aria-invalid") for field in phones] == ["true", "true"]
    assert [field.get("aria-describedby") for field in phones] == ["ar-phone-error", "en-phone-error"]


def test_a_lost_page_is_said_plainly(desk: Desk) -> None:
    page = desk.get("/nowhere-at-all", language="en", status=404)
    assert page.heading == "This page is not here"
    assert "Nothing of yours is lost" in page.main
