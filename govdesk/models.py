"""Every table in one import, for migrations and tests; nothing else belongs here."""

from govdesk import audit, limits, once, outbox, scheduler
from govdesk.booking import models as booking
from govdesk.booking import past_models as past
from govdesk.booking import waiting_models as waiting
from govdesk.booking.absence import models as absences
from govdesk.booking.hours import models as stops
from govdesk.booking.schedule import models as schedules
from govdesk.cases import file_models as files
from govdesk.cases import models as cases
from govdesk.cases import place_models as places
from govdesk.cases.coaching import models as coaching
from govdesk.cases.commitments import models as commitments
from govdesk.cases.linking import models as linking
from govdesk.cases.obstacles import models as obstacles
from govdesk.cases.recall import models as recall
from govdesk.cases.recovery import models as recovery
from govdesk.cases.returns import models as returns
from govdesk.cases.silent import models as silent
from govdesk.catalog import models as catalog
from govdesk.catalog import priority_models as priorities
from govdesk.catalog import scenario_models as guide
from govdesk.feedback.acting import models as acting
from govdesk.feedback.answers import models as answers
from govdesk.feedback.asking import models as asking
from govdesk.feedback.complaints import models as complaints
from govdesk.feedback.forms import models as forms
from govdesk.feedback.past import models as past_answers
from govdesk.kpi.facts import models as facts
from govdesk.kpi.feeds import models as feeds
from govdesk.kpi.marks import models as marks
from govdesk.kpi.periods import models as periods
from govdesk.kpi.targets import models as targets
from govdesk.notify import models as notify
from govdesk.people import models as people
from govdesk.people import relation_models as relations
from govdesk.queue import device_models as devices
from govdesk.queue import dispatch_models as dispatch
from govdesk.queue import hall_models as halls
from govdesk.queue import learned_models as learned
from govdesk.queue import models as queue
from govdesk.queue import pause_models as pauses
from govdesk.queue import skill_models as skills
from govdesk.queue import unserved_models as unserved
from govdesk.webhooks import models as webhooks

__all__ = [
    "absences",
    "acting",
    "answers",
    "asking",
    "audit",
    "booking",
    "cases",
    "catalog",
    "coaching",
    "commitments",
    "complaints",
    "devices",
    "dispatch",
    "facts",
    "feeds",
    "files",
    "forms",
    "guide",
    "halls",
    "learned",
    "limits",
    "linking",
    "marks",
    "notify",
    "obstacles",
    "once",
    "outbox",
    "past",
    "past_answers",
    "pauses",
    "people",
    "periods",
    "places",
    "priorities",
    "queue",
    "recall",
    "recovery",
    "relations",
    "returns",
    "scheduler",
    "schedules",
    "silent",
    "skills",
    "stops",
    "targets",
    "unserved",
    "waiting",
    "webhooks",
]
