"""The WSGI application: `wsgi:app`."""

from govdesk.app import create_app

app = create_app()
