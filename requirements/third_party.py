"""Print what packages of this repository need from outside: ``third_party.py FOLDER…``."""

import sys
import tomllib
from pathlib import Path

for folder in sys.argv[1:]:
    project = tomllib.loads(Path(folder, "pyproject.toml").read_text("utf-8"))["project"]
    print("\n".join(need for need in project["dependencies"] if need != "gas"))
