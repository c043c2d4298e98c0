"""Who hangs together with whom, in three plain tables: blueprints, listeners, jobs."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Flask
from sqlalchemy.orm import Session

from govdesk import limits, once, outbox, scheduler
from govdesk.booking import offering, sweeps, telling, telling_waiting, waiting
from govdesk.booking.absence import service as absences
from govdesk.booking.schedule import shows
from govdesk.cases import returning
from govdesk.cases import service as visits
from govdesk.cases.commitments import telling as promise_news
from govdesk.cases.commitments import watching as commitments
from govdesk.cases.obstacles import escalating
from govdesk.cases.recall import coming as recalled
from govdesk.cases.recall import telling as recall_news
from govdesk.cases.recall import watching as recalls
from govdesk.cases.recovery import escalating as recovery_jobs
from govdesk.cases.recovery import hearing as failures
from govdesk.cases.recovery import opening as recoveries
from govdesk.cases.recovery import service as recovery
from govdesk.cases.returns import offering as help_before
from govdesk.cases.silent import looking as silence
from govdesk.cases.silent import service as silent_ones
from govdesk.cases.work import asking, watching
from govdesk.catalog import holidays
from govdesk.db import transaction
from govdesk.faces import followers, navigation, priorities
from govdesk.faces.acting.themed import bp as acting
from govdesk.faces.admin.views import bp as admin
from govdesk.faces.answering.tablet import bp as answering
from govdesk.faces.api import bearer
from govdesk.faces.api.explaining import bp as api_docs
from govdesk.faces.api.routes import bp as api
from govdesk.faces.asking.views import bp as asking_pages
from govdesk.faces.board.views import bp as board
from govdesk.faces.cases.asked import bp as asked
from govdesk.faces.cases.pages import bp as case_pages
from govdesk.faces.citizen.messages import bp as own_messages
from govdesk.faces.citizen.pages import bp as citizen
from govdesk.faces.commitments.views import bp as commitment_pages
from govdesk.faces.complaints.work import bp as complaint_pages
from govdesk.faces.counter.for_whom import bp as counter
from govdesk.faces.devices import bp as devices
from govdesk.faces.floor.pages import bp as floor
from govdesk.faces.guide.views import bp as guide
from govdesk.faces.head.pages import bp as head
from govdesk.faces.kiosk.pages import bp as kiosk
from govdesk.faces.linking.persons import bp as linking
from govdesk.faces.obstacles.poster import bp as obstacles
from govdesk.faces.performance import mailing as performance_reports
from govdesk.faces.performance.pages import bp as performance
from govdesk.faces.programmes.views import bp as programmes
from govdesk.faces.public.branches import bp as public
from govdesk.faces.questionnaires.visits import bp as questionnaires
from govdesk.faces.recall.members import bp as recall_pages
from govdesk.faces.receipts.views import bp as receipts
from govdesk.faces.reception.pages import bp as reception
from govdesk.faces.recovery.own import bp as recovery_pages
from govdesk.faces.returns.views import bp as return_pages
from govdesk.faces.silent.views import bp as silent
from govdesk.faces.staff import signed_in
from govdesk.faces.staff.views import bp as staff
from govdesk.faces.styleguide.views import bp as styleguide
from govdesk.faces.ticket import standing
from govdesk.faces.ticket.unserved import bp as ticket
from govdesk.faces.training.views import bp as training
from govdesk.faces.voices.views import bp as voices
from govdesk.faces.waiting.views import bp as waiting_list
from govdesk.faces.work.views import bp as work
from govdesk.feedback.acting import counting, reminding, removing
from govdesk.feedback.answers import drafting, settling
from govdesk.feedback.asking import colleagues, ends, following, rehearsals, sending, waves
from govdesk.feedback.asking import service as invitations
from govdesk.feedback.complaints import raising
from govdesk.feedback.complaints import service as complaints
from govdesk.kpi.facts import service as facts
from govdesk.kpi.feeds import fetching as feeds
from govdesk.kpi.marks import watching as figures
from govdesk.notify import codes, delivery
from govdesk.notify import service as messages
from govdesk.outbox import Handler
from govdesk.people import sign_in
from govdesk.queue import (
    admission,
    alerts,
    closing,
    emergency,
    holding,
    lessons,
    nearing,
    promises,
    reaching,
    skills,
    unserved,
)
from govdesk.queue import sweeps as nights
from govdesk.scheduler import Job
from govdesk.webhooks import delivery as telling_programs
from govdesk.webhooks import gathering
from govdesk.webhooks import service as webhooks


def _forget_old() -> int:
    """A transaction each, so that no writer waits for all of it."""
    count = 0
    for forget in FORGETTING:
        with transaction() as session:
            count += forget(session)
    return count


def _keep_holidays_ahead() -> int:
    with transaction(patient=True) as session:
        return holidays.keep_ahead(session)


BLUEPRINTS: Sequence[Blueprint] = (
    acting, admin, answering, api, api_docs, asked, asking_pages, board, case_pages, citizen,
    commitment_pages, complaint_pages, counter, devices, floor, guide, head, kiosk, linking, obstacles,
    own_messages, performance, programmes, public, questionnaires, receipts, reception, recall_pages,
    recovery_pages, return_pages, silent, staff, styleguide, ticket, training, voices, waiting_list, work,
)  # fmt: skip

HANDLERS: Mapping[str, Sequence[Handler]] = {
    "ticket.ended": (visits.record_ticket, recalled.note_came, ends.ask_after_ticket),
    "ticket.named": (returning.note_our_mistake,),
    "ticket.taken_back": (
        visits.forget_missed,
        recalled.note_undone,
        unserved.ask_no_more,
        ends.ask_no_more,
    ),
    "ticket.unserved": (unserved.tell_unserved,),
    "appointment.booked": (telling.tell_booked, help_before.offer_help),
    "appointment.cancelled": (telling.tell_cancelled, offering.offer_freed),
    "appointment.displaced": (telling.tell_displaced, offering.enter_displaced),
    "appointment.forwarded": (telling.tell_booked,),
    "appointment.missed": (visits.record_missed, absences.ask_why),
    "appointment.moved": (telling.tell_moved, offering.offer_freed),
    "person.contact_removed": (
        asking.forget_person,
        messages.forget_person,
        waiting.forget_person,
        admission.forget_person,
        reaching.forget_person,
        recovery.forget_person,
        recalled.forget_person,
        complaints.forget_person,
        silent_ones.forget_person,
        help_before.forget_person,
        invitations.forget_person,
    ),
    "commitment.broken": (promise_news.tell_broken, failures.hear_broken_commitment),
    "commitment.done": (promise_news.tell_done,),
    "commitment.kept": (promise_news.tell_kept,),
    "commitment.made": (promise_news.tell_made,),
    "commitment.moved": (promise_news.tell_moved,),
    "obstacle.reopened": (removing.hear_back,),
    "place.freed": (offering.offer_next,),
    "rating.low": (failures.hear_low_rating,),
    "promise.broken": (promises.tell_broken, failures.hear_broken_promise),
    "service.repeat_changed": (visits.judge_again,),
    "staff.disabled": (commitments.note_owner_left,),
    "ticket.sent_home": (emergency.tell_sent_home,),
    "complaint.received": (failures.hear_complaint, silent_ones.hear_complaint),
    "visit.abandoned": (failures.hear_leaving,),
    "silent.answered": (failures.hear_no_need,),
    "silent.needs_help": (failures.hear_need,),
    "visit.repeat_undone": (failures.hear_no_return,),
    "visit.repeated": (failures.hear_return, ends.ask_why_again),
    "case.resolved": (ends.ask_after_case,),
    "complaint.answered": (ends.ask_after_complaint,),
    "question.unanswered": (failures.hear_silence,),
    "waiting.joined": (telling_waiting.tell_joined,),
    "waiting.left": (offering.offer_next,),
    "waiting.offered": (telling_waiting.tell_offered,),
    "waiting.refused": (offering.offer_next,),
    "waiting.removed": (telling_waiting.tell_removed, offering.offer_next),
}

FORGETTING: Sequence[Callable[[Session], int]] = (
    limits.forget_old, once.forget_old, outbox.forget_old, scheduler.forget_old, sign_in.forget_old,
    admission.forget_old, alerts.forget_old, closing.forget_words, codes.forget_old, delivery.forget_old,
    following.forget_old, lessons.forget_old,
    offering.forget_old, webhooks.forget_old,
)  # fmt: skip

JOBS: Sequence[Job] = (
    Job("kernel.forget_old", _forget_old, every=3600),
    Job("catalog.holidays_ahead", _keep_holidays_ahead, every=86400),
    Job("booking.make_slots", sweeps.run_make_slots, every=3600),
    Job("booking.set_extra", shows.run_set_extra, every=86400),
    Job("booking.expire_holds", sweeps.run_expire_holds, every=30, is_recorded=False),
    Job("booking.offer_places", offering.run_offer_places, every=30, is_recorded=False),
    Job("booking.note_missed", sweeps.run_note_missed, every=600, is_recorded=False),
    Job("cases.weigh_failures", recoveries.run_weigh, every=60, is_recorded=False),
    Job("cases.tell_recalled", recall_news.run_tell, every=30, is_recorded=False),
    Job("cases.watch_recalls", recalls.run_watch, every=3600),
    Job("cases.escalate_recovery", recovery_jobs.run_escalate, every=300, is_recorded=False),
    Job("webhooks.gather", gathering.run_gather, every=2, is_recorded=False),
    Job("webhooks.send", telling_programs.run_send, every=1, is_recorded=False),
    Job("notify.send", delivery.run_send, every=2, is_recorded=False),
    Job("queue.tell_near", nearing.run_tell_near, every=5, is_recorded=False),
    Job("queue.close_day", nights.run_close_day, every=600, is_recorded=False),
    Job("queue.return_held", holding.run_return_held, every=2, is_recorded=False),
    Job("queue.watch_promises", promises.run_watch, every=15, is_recorded=False),
    Job("queue.watch_halls", alerts.run_watch, every=20, is_recorded=False),
    Job("feedback.send_questions", sending.run_send, every=30, is_recorded=False),
    Job("feedback.run_waves", waves.run_waves, every=60, is_recorded=False),
    Job("feedback.rehearse_waves", rehearsals.run_rehearse, every=3, is_recorded=False),
    Job("feedback.follow_questions", following.run_follow, every=900, is_recorded=False),
    Job("cases.find_silent", silence.run_look, every=21600),
    Job("cases.ask_silent", silent_ones.run_ask, every=900, is_recorded=False),
    Job("cases.escalate_obstacles", escalating.run_escalate, every=600, is_recorded=False),
    Job("feedback.ask_staff", colleagues.run_ask, every=3600, is_recorded=False),
    Job("feedback.take_in_answers", drafting.run_take_in, every=300, is_recorded=False),
    Job("feedback.settle_answers", settling.run_settle, every=3600, is_recorded=False),
    Job("feedback.tell_counts", counting.run_tell, every=3600, is_recorded=False),
    Job("feedback.remind_changes", reminding.run_remind, every=3600, is_recorded=False),
    Job("feedback.raise_complaints", raising.run_raise, every=600, is_recorded=False),
    Job("cases.watch_commitments", commitments.run_watch, every=60, is_recorded=False),
    Job("queue.end_skills", skills.run_end_due, every=60, is_recorded=False),
    Job("cases.watch", watching.run_watch, every=300, is_recorded=False),
    Job("kpi.watch_figures", figures.run_watch, every=86400),
    Job("kpi.fetch_feeds", feeds.run_fetch, every=600),
    Job("kpi.draft_periods", performance_reports.run_draft, every=3600, is_recorded=False),
    Job("kpi.mail_reports", performance_reports.run_mail, every=300, is_recorded=False),
    Job("queue.learn", lessons.run_learn, every=300, is_recorded=False),
    Job("kpi.refresh_facts", facts.run_refresh, every=60, is_recorded=False),
)


def register(app: Flask) -> None:
    """Hang the faces into an application."""
    bearer.configure(app)
    signed_in.configure(app)
    navigation.configure(app)
    followers.configure(app, standing.states, standing.state_of)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_template_global(priorities.name_of, "priority_name")
    app.add_template_global(priorities.meanings, "priority_meanings")
    app.add_template_global(priorities.by_reception, "priority_by_reception")
