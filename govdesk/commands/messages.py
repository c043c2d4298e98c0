"""`govdesk messages`."""

import sys

import click

from govdesk import chance, i18n
from govdesk.commands.context import in_app
from govdesk.config import settings
from govdesk.notify import delivery, service, sms
from govdesk.notify.letters import Letter, NotNowError, RefusedError
from govdesk.people.contact import clean_email, clean_phone


@click.group()
def messages() -> None:
    """See how messages to people leave."""


@messages.command("test")
@click.option("--to", required=True, help="A telephone number or an e-mail address.")
@in_app
def send_test(to: str) -> None:
    """Send one message now, the way that all others go, and say what the other side answers.

    Example: govdesk messages test --to desk@example.org
    """
    address = clean_email(to) if "@" in to else clean_phone(to, settings().country)
    channel = service.channel_of(address)
    letter = Letter(
        token=chance.token(),
        channel=channel,
        language=i18n.language(),
        to=address,
        subject=i18n.t("notify.test_subject"),
        text=i18n.t("notify.test_text"),
    )
    try:
        answer = delivery.transports()[channel](letter)
    except (RefusedError, NotNowError) as error:
        click.echo(f"The message was not sent: {error}", err=True)
        sys.exit(1)
    way = "sent" if settings().leaves_by(channel) else f"written to {settings().instance / 'outbox'}"
    click.echo(f"{way}: {answer or 'without an id'}")


@messages.command("receipts")
@in_app
def show_receipts() -> None:
    """Show the address at which the SMS gateway may tell what became of each message; keep it to yourselves.

    Example: govdesk messages receipts
    """
    if not settings().public_url:
        click.echo("public_url is not set; this address begins as this machine knows itself.", err=True)
    click.echo(sms.receipts_address(settings()))
