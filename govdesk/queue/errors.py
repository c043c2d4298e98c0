"""Refusals of the queue."""

from govdesk.errors import DeskError, NotFoundError


class WrongStepError(DeskError):
    """The ticket is in a state from which this cannot follow: someone was faster, or the page is old."""

    key = "queue.wrong_step"


class TooEarlyError(DeskError):
    """Somebody is noted as not there before they were called as often as the branch wants."""

    key = "queue.noshow_early"


class PauseError(DeskError):
    """A break without a reason that is known, or of another kind that is not said."""

    key = "queue.pause_reason_missing"
    status = 422


class CounterBusyError(DeskError):
    """A counter with an open person is refused another."""

    key = "queue.counter_busy"


class CrowdedError(DeskError):
    """Others were just taking everybody who waits, for longer than one waits for that."""

    key = "queue.crowded"
    status = 503


class CounterTakenError(DeskError):
    """Someone else sits at this counter."""

    key = "queue.counter_taken"


class CounterClosedError(DeskError):
    """The officer has no open counter, or it is paused."""

    key = "queue.counter_closed"


class OutcomeError(DeskError):
    """What the rules want before concluding is missing."""

    key = "queue.outcome_missing"
    status = 422


class TicketNotFoundError(NotFoundError):
    """There is no such ticket, or not for this actor."""

    key = "queue.ticket_not_found"


class NotOfferedError(DeskError):
    """The branch does not offer this service."""

    key = "queue.not_offered"
    status = 422


class OfficerUnknownError(DeskError):
    """A program names an officer who is not known, or does not serve in this branch."""

    key = "queue.officer_unknown"
    status = 422
