"""The signature is HMAC-SHA256 as anybody can compute it; only what is on the open network is public."""

import datetime as dt

import pytest

from govdesk.webhooks import rules


def test_the_signature_is_that_of_the_reference() -> None:
    # printf '1791093600.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of ours'
    expected = "92134c42602e571ff980567aa690d8ba266a16dd685880e2ceda6824e9e85b6c"
    assert rules.signature("a secret of ours", "1791093600", b'{"a":1}') == expected


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (9, 2560), (10, 3600), (1000, 3600)]
)
def test_each_failure_doubles_the_wait_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert rules.delay_after(attempts) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_open_network_is_public(address: str) -> None:
    assert rules.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_what_is_inside_is_not(address: str) -> None:
    assert not rules.is_public(address)
