"""Where the sequences of bundles lie in the bucket of results: browsers read them there.

The annotator stores them, the web server links to them, and the reconciler leaves them alone.
"""

FOLDER = "references"


def sequence_key(bundle_version: str) -> str:
    """The FASTA of a bundle, by its name and version: ``references/human-mt@3/reference.fa``."""
    return f"{FOLDER}/{bundle_version}/reference.fa"


def index_key(bundle_version: str) -> str:
    """The index of that FASTA, as ``samtools faidx`` writes it."""
    return sequence_key(bundle_version) + ".fai"
