"""The log of a process: JSON lines that name the service, from every thread."""

import json
import subprocess
import sys

PROGRAM = """
import threading, structlog
from gas.observability import logs
from gas.settings import Settings
logs.configure("archiver", Settings(metrics="emf"))
def work(): structlog.get_logger().info("archived", metrics={"archive_seconds": 1.5})
thread = threading.Thread(target=work); thread.start(); thread.join()
"""


def test_log_lines_of_any_thread_and_their_metrics_name_the_service() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    line = json.loads(done.stdout)
    assert line["service"] == "archiver"
    assert line["message"] == "archived"
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["service"]]
