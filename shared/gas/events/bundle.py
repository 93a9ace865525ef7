"""Events of a published version of a bundle: what an operator did with it on the web."""

from typing import ClassVar

from gas.events.bodies import EventBody


class BundleBody(EventBody):
    """The body of an event of the stream ``bundle/<bundle_id>``; ``user_id`` is the operator.

    ``bundle_id`` is ``NAME@VERSION``. ``reason`` is why, as users read it.
    """

    bundle_id: str
    reason: str

    @property
    def stream(self) -> str:
        return f"bundle/{self.bundle_id}"


class BundleRetired(BundleBody):
    """An operator retired the version: new jobs do not get it. ``reason`` is why."""

    TYPE: ClassVar[str] = "gas.bundle.retired.v1"


class BundleReinstated(BundleBody):
    """An operator offers a version again that was retired. ``reason`` is why."""

    TYPE: ClassVar[str] = "gas.bundle.reinstated.v1"
