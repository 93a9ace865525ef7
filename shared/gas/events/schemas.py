"""Writes the JSON Schema of every event, and the page ``docs/events.md``, from the catalogue.

``python -m gas.events.schemas`` writes them; with ``--check`` it changes nothing and fails if a
file is out of date. It refuses to write a schema that is not backward compatible with the one on
disk: a schema may only grow.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from gas.events.bodies import EventBody
from gas.events.catalogue import CATALOGUE
from gas.events.envelope import Event, schema_uri

Schema = dict[str, Any]


def body_schema(body: type[EventBody]) -> Schema:
    """The JSON Schema (2020-12) of one body."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_uri(body.TYPE),
        **body.model_json_schema(mode="validation"),
    }


def envelope_schema() -> Schema:
    """The JSON Schema (2020-12) of the envelope; ``data`` is described by the body's own schema."""
    schema = Event.model_json_schema(mode="validation")
    schema["properties"]["data"] = {"type": "object"}
    schema.pop("$defs", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_uri("envelope"),
        **schema,
    }


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """What breaks readers or old events if ``old`` becomes ``new``; empty if it only grows."""
    faults = [
        f"field {name!r} was removed"
        for name in old.get("properties", {})
        if name not in new.get("properties", {})
    ]
    faults += [
        f"field {name!r} became required, old events lack it"
        for name in new.get("required", [])
        if name not in old.get("required", [])
    ]
    for name, field in old.get("properties", {}).items():
        now = new.get("properties", {}).get(name, field)
        if _shape(field) != _shape(now):
            faults.append(f"field {name!r} changed from {_shape(field)} to {_shape(now)}")
    for name, definition in old.get("$defs", {}).items():
        now = new.get("$defs", {}).get(name)
        if now is None:
            faults.append(f"definition {name!r} was removed")
        elif "enum" in definition:
            gone = set(definition["enum"]) - set(now.get("enum", []))
            faults += [f"{name} no longer allows {value!r}" for value in sorted(gone)]
        else:
            faults += [f"{name}: {fault}" for fault in incompatibilities(definition, now)]
    return faults


def _shape(field: Schema) -> str:
    kept = {key: value for key, value in field.items() if key not in ("description", "title")}
    return json.dumps(kept, sort_keys=True)


def events_page() -> str:
    """The text of ``docs/events.md``: one table for each event type."""
    lines = [
        "# Events",
        "",
        "Generated from `shared/gas/events` by `make schemas`. Each event is a CloudEvents 1.0",
        "JSON object; the schemas are in `shared/schemas`. Schemas only grow; anything else is a",
        "new version and an upcaster.",
        "",
    ]
    for body in CATALOGUE.bodies:
        schema = body_schema(body)
        lines += [f"## `{body.TYPE}`", "", str(schema.get("description", "")), ""]
        lines += ["| field | type | required |", "|---|---|---|"]
        required = schema.get("required", [])
        for name, field in schema["properties"].items():
            lines.append(f"| {name} | {_type_name(field)} | {'yes' if name in required else ''} |")
        lines.append("")
    return "\n".join(lines)


def _type_name(field: Schema) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in field:
        return " or ".join(_type_name(choice) for choice in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type_name(field.get('items', {}))}"
    if "const" in field:
        return f"`{field['const']}`"
    return str(field.get("format") or field.get("type", "object"))


def generated(root: Path) -> dict[Path, str]:
    """The text of every generated file, by its path below the repository's ``root``."""
    schemas = {body.TYPE: body_schema(body) for body in CATALOGUE.bodies}
    schemas["envelope"] = envelope_schema()
    files = {
        root / "shared" / "schemas" / f"{name}.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in schemas.items()
    }
    files[root / "docs" / "events.md"] = events_page()
    return files


def main() -> int:
    """Write or check the generated files; returns exit status 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository")
    arguments = parser.parse_args()
    faults = []
    for path, text in generated(arguments.root).items():
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before and path.suffix == ".json":
            broken = incompatibilities(json.loads(before), json.loads(text))
            faults += [f"{path.name}: {fault}; make a new version" for fault in broken]
        if arguments.check and before != text:
            faults.append(f"{path.name} is out of date: run `make schemas`")
        if not arguments.check and not faults:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    print("\n".join(faults) or "schemas: all up to date", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
