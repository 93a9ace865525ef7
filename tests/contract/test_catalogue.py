"""The web service says of bundles what the annotator has."""

from annotator.bundle import installed
from annotator.bundling.catalogue import catalogue
from web.bundles import SHIPPED


def test_the_shipped_catalogue_is_that_of_the_installed_bundles() -> None:
    assert SHIPPED.read_text("utf-8") == catalogue(installed()), "run make schemas"
