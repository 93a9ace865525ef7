"""The WSGI application that gunicorn serves: ``gunicorn web.wsgi:app``."""

from gas.aws.clients import Aws
from gas.observability import logs, tracing
from gas.settings import load
from web.app import create_app
from web.ports import wire
from web.settings import WebSettings

settings = load(WebSettings)
logs.configure("web", settings)
tracing.configure("web")
app = create_app(settings, wire(settings, Aws(settings)))
