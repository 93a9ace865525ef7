"""The names of result files."""

import pytest

from annotator.names import result_stem


@pytest.mark.parametrize(
    ("filename", "stem"),
    [
        ("a.vcf", "a"),
        ("a.vcf.gz", "a"),
        ("My Sample (1).VCF.GZ", "My_Sample_1"),
        ("変異.vcf", "variants"),
        ("../../x.vcf.bgz", "x"),
        ("a.vcf.old", "a.vcf.old"),
    ],
)
def test_result_names_are_safe_forms_of_the_users_file_names(filename: str, stem: str) -> None:
    assert result_stem(filename) == stem
