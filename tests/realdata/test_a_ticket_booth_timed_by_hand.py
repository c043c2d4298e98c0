"""A ticket booth in Wellington: waits and services of 403 customers, two of them with a negative wait."""

import pytest
from flask import Flask

from govdesk.config import Settings
from tests.realdata.real_files import bring, figures, real

pytestmark = real
SECONDS = 60


def test_waits_and_services_are_those_of_the_reference(app: Flask, settings: Settings) -> None:
    said = bring(settings, "visits", "wellington_ticketbooth.csv", "wellington")
    assert "403 new" in said
    assert "2 were served before they arrived" in said
    found = figures(settings, "waiting_time", "service_time")
    wait, service = found["waiting_time"][0], found["service_time"][0]
    told = wait["detail"]  # the two negative waits as recorded, as the reference does
    assert (wait["n"], wait["value"], told["set_aside"]) == (403, 0, 2)
    assert told["mean"] * SECONDS == pytest.approx(11.8561, abs=1e-4)
    assert told["mean"] == pytest.approx(0.197601, abs=1e-6)
    assert told["p90"] * SECONDS == pytest.approx(37)
    assert told["waited_share"] == pytest.approx(0.4392, abs=1e-4)
    assert wait["data_quality"]["set_aside_share"] == pytest.approx(2 / 403)
    without = told["without_set_aside"]
    assert without["n"] == 401
    assert without["mean"] * SECONDS == pytest.approx(11.977556, abs=1e-6)  # by hand, without the two
    assert service["detail"]["mean"] * SECONDS == pytest.approx(34.1538, abs=1e-4)
    assert (service["value"] * SECONDS, service["detail"]["p90"] * SECONDS) == pytest.approx((27, 60))
