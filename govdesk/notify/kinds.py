"""The kinds of messages: what each may say, whether it waits for the morning, whether it can be stopped."""

from dataclasses import dataclass

CHANNELS = ("sms", "email")
LANGUAGES = ("ar", "en")
REMINDERS = "reminders"
QUESTIONS = "questions"
_QUESTION = ("service", "branch", "until", "link", "stop_link")
_APPOINTMENT = ("service", "branch", "address", "when", "reference", "link", "papers")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. Its texts in both languages and for both channels stand in `defaults.toml`."""

    key: str
    values: tuple[str, ...]  # the placeholders that a text may use
    needed: tuple[str, ...] = ()  # and those without which it would be of no use
    is_answer: bool = False  # to what the person did a moment ago: it goes at any hour
    is_secret: bool = False  # no page and no log shows its text
    stopped_by: str | None = None  # how a person switches it off; changes cannot be
    has_enclosure: bool = False  # a file goes along with its e-mails


KINDS = (
    Kind("code", ("code", "minutes"), ("code",), is_answer=True, is_secret=True),
    Kind("booked", _APPOINTMENT, ("reference", "link"), is_answer=True),
    Kind("moved", (*_APPOINTMENT, "before"), ("when", "link"), is_answer=True),
    Kind("moved_by_us", (*_APPOINTMENT, "before", "reason"), ("when", "link")),
    Kind("displaced", ("service", "branch", "when", "reason", "link"), ("when", "link")),
    Kind("cancelled", ("service", "branch", "when", "book_link"), is_answer=True),
    Kind("cancelled_by_us", ("service", "branch", "when", "reason", "book_link"), ("when",)),
    Kind("reminder_days", (*_APPOINTMENT, "stop_link"), ("when", "link"), stopped_by=REMINDERS),
    Kind("reminder_eve", (*_APPOINTMENT, "stop_link"), ("when", "link"), stopped_by=REMINDERS),
    Kind("link_again", ("service", "branch", "when", "reference", "link"), ("link",), is_answer=True),
    Kind("waiting_joined", ("service", "reference", "link"), ("link",), is_answer=True),
    Kind("waiting_again", ("service", "reference", "link"), ("link",), is_answer=True),
    Kind("waiting_removed", ("service", "reference", "reason", "link"), ("reason",)),
    Kind("place_free", ("service", "branch", "when", "until", "link"), ("link",)),
    Kind("place_offered", ("service", "branch", "when", "until", "link"), ("link",)),
    Kind("ticket_link", ("number", "service", "branch", "link"), ("number", "link"), is_answer=True),
    Kind("turn_soon", ("number", "service", "branch", "link"), ("number",), is_answer=True),
    Kind("promise_broken", ("ticket", "service", "branch", "wait", "link"), ("ticket",)),
    Kind("missed_why", ("service", "branch", "when", "link", "book_link"), ("link",)),
    Kind("left_why", ("service", "branch", "when", "link", "book_link"), ("link",)),
    Kind("recovery_sorry", ("service", "branch", "said", "redress", "link"), ("link",)),
    Kind("recall_told", ("service", "branch", "day", "fault", "link"), ("fault", "link")),
    Kind("recall_invited", ("service", "branch", "day", "fault", "link"), ("link",)),
    Kind(
        "complaint_received", ("reference", "branch", "until", "link"), ("reference", "link"), is_answer=True
    ),
    Kind("complaint_acknowledged", ("reference", "branch", "until", "link"), ("reference", "link")),
    Kind("complaint_answered", ("reference", "branch", "link"), ("reference", "link")),
    Kind("closed_unserved", ("service", "branch", "when", "link", "book_link"), ("link",)),
    Kind(
        "branch_closed", ("number", "service", "branch", "reason", "book_link"), ("number",), is_answer=True
    ),
    Kind("commitment_made", ("what", "service", "branch", "day"), ("what", "day")),
    Kind("commitment_kept", ("what", "service", "branch", "words"), ("what",)),
    Kind("commitment_moved", ("what", "service", "branch", "day", "before", "reason"), ("what", "day")),
    Kind("commitment_broken", ("what", "service", "branch", "day"), ("what",)),
    Kind("commitment_done", ("what", "service", "branch", "day", "words"), ("what",)),
    Kind(
        "silent_question",
        ("service", "branch", "when", "link", "stop_link"),
        ("link",),
        stopped_by=QUESTIONS,
    ),
    Kind("question_after", _QUESTION, ("link",), stopped_by=QUESTIONS),
    Kind("question_complaint", _QUESTION, ("link",), stopped_by=QUESTIONS),
    Kind("question_wave", _QUESTION, ("link",), stopped_by=QUESTIONS),
    Kind("question_reminder", _QUESTION, ("link",), stopped_by=QUESTIONS),
    Kind("help_before_visit", ("service", "branch", "when", "before", "link"), ("link",)),
    Kind("help_solved", ("service", "branch", "when", "before", "said", "link"), ("said",)),
    Kind("help_answered", ("service", "branch", "when", "before", "said", "link"), ("said",)),
    Kind("hall_message", ("branch", "text"), ("text",), is_answer=True),
    Kind("case_ask", ("service", "branch", "asked", "until", "link"), ("asked", "link")),
    Kind("case_resolved", ("service", "branch", "words"), ("service",)),
    Kind("report", ("period", "attached", "link", "hash"), ("period", "link"), has_enclosure=True),
)
BY_KEY = {kind.key: kind for kind in KINDS}
