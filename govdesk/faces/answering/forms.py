"""What is filled in to be called, where nobody is named."""

from typing import Any

from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces.fields import line, text
from govdesk.feedback.answers.calling import LeftContact
from govdesk.i18n import language
from govdesk.people.contact import clean_email, clean_name, clean_phone
from govdesk.people.service import UnknownPersonError
from govdesk.web import DeskForm

LONGEST = 1000


class LeaveContactForm(DeskForm):
    """A phone number or an address, and what whoever calls may know."""

    phone = line("answering.phone", required=False, render_kw={"autocomplete": "tel", "type": "tel"})
    email = line(
        "answering.email", required=False, longest=254, render_kw={"autocomplete": "email", "type": "email"}
    )
    name = line("answering.name", required=False, render_kw={"autocomplete": "name"})
    words = text("answering.call_words", longest=LONGEST, description="answering.call_words_hint")

    @property
    def contact(self) -> LeftContact:
        """What was typed."""
        typed = {part: getattr(self, part).data or None for part in ("phone", "email", "name")}
        return LeftContact(**typed, words=self.words.data or "", language=language())

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the contact with the rules of people."""
        is_valid = bool(super().validate(extra_validators))
        read = [self._is_read(part) for part in ("phone", "email", "name")]
        return is_valid and all(read)

    def _is_read(self, part: str) -> bool:
        typed = self[part].data
        try:
            if part == "phone" and typed:
                clean_phone(typed, settings().country)
            elif part == "phone" and not self.email.data:
                raise UnknownPersonError("answering.contact_missing", field="phone")
            elif part == "email" and typed:
                clean_email(typed)
            elif part == "name" and typed:
                clean_name(typed)
        except DeskError as refusal:
            self.refuse(refusal)
            return False
        return True
