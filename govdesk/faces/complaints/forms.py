"""What is filled in to complain, and to answer."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import i18n
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces.fields import ChoiceField, DayField, line, text, whole
from govdesk.feedback.complaints import rules
from govdesk.feedback.complaints.service import LONGEST, LONGEST_SHORT
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.service import UnknownPersonError
from govdesk.web import DeskForm

NOTHING = SelectChoice("", "complaints.not_said")
LONGEST_TYPED = 254


class ComplainForm(DeskForm):
    """A complaint: what happened, where if one knows, and who is to be told, if anybody."""

    about = RadioField(
        "complaints.about",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"complaints.about_{one}") for one in rules.ABOUT],
        invalid_choice_message="errors.choose_known",
    )
    words = text("complaints.words", longest=LONGEST, description="complaints.words_hint")
    wished = text("complaints.wished", longest=LONGEST_SHORT)
    branch = ChoiceField("complaints.branch")
    counter = whole("complaints.counter", 1, 999, required=False)
    service = ChoiceField("complaints.service")
    happened_on = DayField("complaints.happened_on")
    reply = RadioField(
        "complaints.reply",
        default="yes",
        choices=[SelectChoice(one, f"complaints.reply_{one}") for one in ("yes", "no")],
        invalid_choice_message="errors.choose_known",
    )
    way = HiddenField()  # qr: a printed sheet led here
    name = line("complaints.name", required=False)
    phone = line("complaints.phone", required=False, longest=LONGEST_TYPED)
    email = line("complaints.email", required=False, longest=LONGEST_TYPED)
    language = RadioField(
        "complaints.language",
        choices=[SelectChoice(code, name) for code, name in i18n.LANGUAGES.items()],
        invalid_choice_message="errors.choose_known",
    )

    def __init__(self, branches: Sequence[Branch], services: Sequence[PublicService], **given: Any) -> None:
        super().__init__(**given)
        self.branch.choices = [NOTHING, *(SelectChoice(one.code, i18n.named(one)) for one in branches)]
        self.service.choices = [NOTHING, *(SelectChoice(one.code, i18n.named(one)) for one in services)]
        if not self.language.data:
            self.language.data = i18n.language()

    is_known = False  # the desk knows whose it is: no contact is asked for

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is to be told."""
        return bool(self.reply.data == "no")

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the contact with the rules of people; an anonymous complaint has none, whatever is typed."""
        is_valid = bool(super().validate(extra_validators))
        if self.is_anonymous:
            return is_valid
        readers = (self._read_name, self._read_phone, self._read_email)
        read = [self._is_read(reader) for reader in readers]
        return is_valid and all(read)

    def _is_read(self, reader: Any) -> bool:
        try:
            reader()
        except DeskError as refusal:
            self.refuse(refusal)
            return False
        return True

    def _read_name(self) -> None:
        if self.name.data:
            clean_name(self.name.data)

    def _read_phone(self) -> None:
        if self.phone.data:
            clean_phone(self.phone.data, settings().country)
        elif not self.email.data and not self.is_known:
            raise UnknownPersonError("complaints.contact_missing", field="phone")

    def _read_email(self) -> None:
        if self.email.data:
            clean_email(self.email.data)


class AssessForm(DeskForm):
    """Whether it is justified, and from what cause."""

    verdict = RadioField(
        "complaints.verdict",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"complaints.verdict_{one}") for one in rules.VERDICTS],
        invalid_choice_message="errors.choose_known",
    )
    cause = ChoiceField("complaints.cause")
    findings = text("complaints.findings", longest=LONGEST, description="complaints.findings_hint")

    def __init__(self, causes: Sequence[Cause], **given: Any) -> None:
        super().__init__(**given)
        self.cause.choices = [NOTHING, *(SelectChoice(one.code, i18n.named(one)) for one in causes)]


class AnswerForm(DeskForm):
    """The answer, in the language of the complainant."""

    words = text("complaints.answer", longest=LONGEST)


class NextForm(DeskForm):
    """Why one goes to the next instance."""

    words = text("complaints.next_words", longest=LONGEST_SHORT)


class InstanceForm(DeskForm):
    """Who answers, and within how many working days."""

    name_ar = line("admin.name_ar", render_kw={"lang": "ar", "dir": "rtl"})
    name_en = line("admin.name_en", render_kw={"lang": "en", "dir": "ltr"})
    acknowledge_days = whole("complaints.acknowledge_days", 1, 60)
    answer_days = whole("complaints.answer_days", 1, 180)
    address_ar = line("complaints.address_ar", required=False, render_kw={"lang": "ar", "dir": "rtl"})
    address_en = line("complaints.address_en", required=False, render_kw={"lang": "en", "dir": "ltr"})
