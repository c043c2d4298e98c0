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
    recorded = wait["detail"]["as_recorded"]  # the two negative waits included, as the reference does
    assert recorded["n"] == 403
    assert recorded["mean"] * SECONDS == pytest.approx(11.8561, abs=1e-4)
    assert recorded["p90"] * SECONDS == pytest.approx(37)
    assert recorded["waited_share"] == pytest.approx(0.4392, abs=1e-4)
    assert (wait["n"], wait["data_quality"]["set_aside"]) == (401, 2)
    assert wait["detail"]["mean"] * SECONDS == pytest.approx(11.977556, abs=1e-6)  # by hand, without the two
    assert service["detail"]["mean"] * SECONDS == pytest.approx(34.1538, abs=1e-4)
    assert (service["value"] * SECONDS, service["detail"]["p90"] * SECONDS) == pytest.approx((27, 60))
