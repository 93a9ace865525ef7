"""The images in the registry of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

IMAGES = ("web", "annotator", "archiver", "restorer", "thawer")


def repository_of(prefix: str, image: str) -> str:
    """The repository of an image: ``gas-staging/web``."""
    return f"{prefix}/{image}"


def digest_of(ecr: ECRClient, repository: str, tag: str) -> str | None:
    """The digest of the image with that tag; None where there is none."""
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
        return None
    # Emulators return an empty list for a tag that does not exist.
    return next((image["imageDigest"] for image in found["imageDetails"]), None)
