"""The JSON request bodies of the REST API, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from gas.domain.plain_text import hidden_characters
from gas.domain.source_url import MOST_CHARACTERS
from gas.files.published import MOST_ID_CHARACTERS
from web.problems import Problem, invalid_body, invalid_field

Body = TypeVar("Body", bound=BaseModel)


def _printable(name: str) -> str:
    hidden = hidden_characters(name)
    if hidden:
        raise PydanticCustomError(
            "hidden_character",
            "must not contain control, format or separator characters:"
            " rename the file without {character}",
            {"character": f"U+{ord(hidden[0]):04X}"},
        )
    return name


# No path separators and nothing hidden: the name appears in keys, mails, headers and terminals.
Filename = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=r"^[^/\\]+$"),
    AfterValidator(_printable),
]


class RequestBody(BaseModel):
    """A request body: unknown fields are errors, and types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewUpload(RequestBody):
    """Body of ``POST /uploads``."""

    filename: Filename
    size_bytes: int = Field(ge=0)


MOST_OF_A_BATCH = 20
"""So many are done while a request may wait."""


class NewUploads(RequestBody):
    """Body of ``POST /uploads/batch``."""

    files: list[NewUpload] = Field(min_length=1, max_length=MOST_OF_A_BATCH)


class NewUploadInParts(NewUpload):
    """Body of ``POST /uploads/multipart``."""

    size_bytes: int = Field(ge=1)


class PartNumbers(RequestBody):
    """Body of ``POST /uploads/ID/parts``."""

    part_numbers: list[Annotated[int, Field(ge=1)]] = Field(min_length=1, max_length=100)


UploadId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


class NewJob(RequestBody):
    """Body of ``POST /jobs``."""

    upload_id: UploadId
    bundle: str | None = Field(None, min_length=1, max_length=MOST_ID_CHARACTERS)
    split_multiallelics: bool = False
    tags: list[str] = Field([], max_length=20)


class NewAddress(RequestBody):
    """Body of ``POST /uploads/url``; the address is judged where it is read."""

    url: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    bundle: str | None = Field(None, min_length=1, max_length=MOST_ID_CHARACTERS)
    split_multiallelics: bool = False
    tags: list[str] = Field([], max_length=20)


class NewJobs(RequestBody):
    """Body of ``POST /jobs/batch``: the same options for all."""

    upload_ids: list[UploadId] = Field(min_length=1, max_length=MOST_OF_A_BATCH)
    bundle: str | None = Field(None, min_length=1, max_length=MOST_ID_CHARACTERS)
    split_multiallelics: bool = False
    tags: list[str] = Field([], max_length=20)


class TagsBody(RequestBody):
    """Body of ``POST /jobs/ID/tags``."""

    add: list[str] = Field([], max_length=20)
    remove: list[str] = Field([], max_length=20)


class PedigreeText(RequestBody):
    """Body of ``POST /jobs/ID/variants/pedigree``: a PED file, and the child if not the first."""

    text: str = Field(min_length=1)
    child: str | None = Field(None, min_length=1, max_length=500)


class NewRerun(RequestBody):
    """Body of ``POST /jobs/ID/rerun``; a field that is missing or null stays as it was."""

    bundle: str | None = Field(None, min_length=1, max_length=MOST_ID_CHARACTERS)
    split_multiallelics: bool | None = None


def body_of(model: type[Body]) -> Body:
    """The request's JSON body, ``{}`` if it is empty.

    Raises Problem: 400 if it is not JSON, 422 if fields are invalid or missing.
    """
    try:
        return model.model_validate_json(request.get_data(cache=False) or b"{}")
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors()):
            raise Problem(
                400, "malformed-json", "Malformed JSON", error.errors()[0]["msg"]
            ) from None
        raise invalid_body(error) from None


def page_limit(given: Mapping[str, str], default: int, most: int) -> int:
    """The parameter ``limit``. Raises Problem (400) unless it is a whole number up to ``most``."""
    text = given.get("limit") or str(default)
    # Other scripts have digits too, which int() reads or refuses.
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise invalid_field("limit", f"must be a whole number from 1 to {most}", status=400)
    return int(text)


def version_of() -> int:
    """The parameter ``version`` of a deletion. Raises Problem (400) if it is missing or wrong."""
    text = request.args.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        message = "must be the version that you read: what was changed since is not deleted"
        raise invalid_field("version", message, status=400)
    return int(text)
