"""Refusals: what a service says when it will not do a thing."""


class DeskError(Exception):
    """A refusal in a person's words: a message key, its values, the field it belongs to, an HTTP status."""

    key = "errors.refused"
    status = 409

    def __init__(
        self, key: str | None = None, *, field: str | None = None, status: int | None = None, **params: object
    ) -> None:
        self.key = key or type(self).key
        self.field = field
        self.status = status or type(self).status
        self.params = params
        super().__init__(f"{self.key} {params}" if params else self.key)


class NotFoundError(DeskError):
    """What was asked for is not there, or not for this person."""

    key = "errors.not_found"
    status = 404


class NotAllowedError(DeskError):
    """This actor may not do this."""

    key = "errors.not_allowed"
    status = 403


class TooManyError(DeskError):
    """Too many attempts; `seconds` says when to try again."""

    key = "errors.too_many"
    status = 429
