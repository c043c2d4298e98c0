"""What is accepted as a password, where a redirect may lead, how typed fields are read."""

import pytest

from govdesk.faces.paths import local_path
from govdesk.people import passwords
from govdesk.people.passwords import PasswordError
from govdesk.people.staff import Grant, clean_username


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("", "people.password_short"),
        ("nine char", "people.password_short"),
        ("x" * 201, "people.password_long"),
        ("omarlongname", "people.password_username"),
        ("OmarLongName1", "people.password_username"),
        ("password123", "people.password_common"),
        ("aaaaaaaaaaaa", "people.password_common"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, key: str) -> None:
    with pytest.raises(PasswordError) as refusal:
        passwords.accept(password, username="omarlongname")
    assert (refusal.value.key, refusal.value.field) == (key, "password")


@pytest.mark.parametrize(
    "password", ["ten chars!", "قطة على السطح", "correct horse battery", "omar-omar-battery-9"]
)
def test_a_long_password_in_any_script_is_taken(password: str) -> None:
    assert passwords.accept(password, username="omar") == password


def test_a_kept_password_is_argon2id_and_fits_only_itself() -> None:
    kept = passwords.digest("correct horse", username="omar")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(kept, "correct horse")
    assert not passwords.fits(kept, "correct horsf")


def test_nobody_has_no_password_not_even_the_one_compared_in_their_place() -> None:
    assert not passwords.fits(None, "nobody has this password")


def test_the_same_letters_typed_in_another_form_are_the_same_password() -> None:
    kept = passwords.digest("caf\u00e9 au lait", username="omar")
    assert passwords.fits(kept, "cafe\u0301 au lait")


@pytest.mark.parametrize(
    ("typed", "username"),
    [(" Omar ", "omar"), ("OMAR٢", "omar2"), ("ｏｍａｒ", "omar")],
)
def test_a_username_is_one_however_it_is_typed(typed: str, username: str) -> None:
    assert clean_username(typed) == username


def test_a_role_says_where_it_holds() -> None:
    assert Grant("officer", branch_id=3).label == "officer@branch:3"
    assert Grant("head", department_id=2).label == "head@department:2"
    assert Grant("admin").label == "admin"


@pytest.mark.parametrize("path", ["/", "/admin?x=1&y=%2F", "/book/renewal#papers"])
def test_a_path_of_our_own_is_kept(path: str) -> None:
    assert local_path(path, "/else") == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "admin",
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a b",
        "/" + "x" * 2000,
    ],
)
def test_any_other_text_leads_to_a_safe_place(path: str | None) -> None:
    assert local_path(path, "/else") == "/else"
