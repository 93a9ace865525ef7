"""The WSGI application that gunicorn serves: ``gunicorn web.wsgi:app``."""

import atexit
import gc

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
# Else the interpreter looks through every object at its end, which costs more time than all the
# rest of a worker's stop.
atexit.register(gc.freeze)
