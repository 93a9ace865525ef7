"""Changes are moved as far left as the reference allows, however far that is."""

import pysam
import pytest

from annotator.normalize.left_alignment import LeftAligner

_RUN = 100


@pytest.fixture(scope="module")
def aligner(tmp_path_factory: pytest.TempPathFactory) -> LeftAligner:
    reference = tmp_path_factory.mktemp("reference") / "reference.fa"
    reference.write_text(f">1\nGC{'A' * _RUN}TG\n>2\n{'CA' * _RUN}\n")
    pysam.faidx(str(reference))
    return LeftAligner(reference)


@pytest.mark.parametrize("behind", [0, 1, 31, 32, 33, 64, 65, _RUN - 2])
def test_an_insertion_goes_to_the_beginning_of_its_run(aligner: LeftAligner, behind: int) -> None:
    assert aligner.normal("1", 3 + behind, b"A", b"AA") == (2, b"C", b"CA")


def test_a_deletion_of_a_repeat_goes_to_the_beginning_of_the_contig(aligner: LeftAligner) -> None:
    assert aligner.normal("2", 2 * _RUN - 2, b"ACA", b"A") == (1, b"CAC", b"C")


@pytest.mark.parametrize(
    ("ref", "found"), [(b"CAA", (101, b"C", b"CA")), (b"AAC", (102, b"A", b"AC"))]
)
def test_what_the_reference_does_not_say_is_trimmed_and_not_moved(
    aligner: LeftAligner, ref: bytes, found: tuple[int, bytes, bytes]
) -> None:
    assert aligner.normal("1", 101, ref, ref + ref[-1:]) == found
