"""Random questions to the family's table, for property tests."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.family_vcf import SAMPLES
from tests.support.variant_tables import Parameters

ROLES = ("child", "father", "mother")
EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_GENES = ["APP", "JAM2", "MRPL39", "GABPA", "ATP5J", "NONE"]
_one = {
    "gene": st.lists(st.sampled_from(_GENES), min_size=1, unique=True).map(
        lambda names: [",".join(names)]
    ),
    "region": st.lists(
        st.tuples(st.integers(24_900_000, 26_000_000), st.integers(0, 300_000)).map(
            lambda span: f"chr21:{span[0]}-{sum(span)}"
        ), min_size=1, max_size=3,
    ),
    "type": st.just(["SNV"]),
    "min_qual": st.integers(0, 999).map(lambda n: [str(n)]),
    "pass": st.just(["true"]),
    "min_dp": st.integers(0, 200).map(lambda n: [str(n)]),
    "genotype": st.lists(
        st.tuples(
            st.sampled_from(SAMPLES),
            st.sampled_from(["het", "hom", "carrier", "hom_ref", "hemi", "missing"]),
        ).map(":".join), min_size=1, max_size=2, unique=True,
    ),
    "min_gq": st.integers(0, 99).map(lambda n: [str(n)]),
    "min_ab": st.sampled_from([["0.1"], ["0.25"], ["0,3"]]).map(lambda v: [v[0].replace(",", ".")]),
    "min_alt_reads": st.integers(0, 12).map(lambda n: [str(n)]),
    "consequence": st.lists(
        st.sampled_from(["missense_variant", "intron_variant", "splice_region_variant",
                         "synonymous_variant", "3_prime_UTR_variant", "intergenic_variant"]),
        min_size=1, max_size=3, unique=True,
    ).map(lambda terms: [",".join(terms)]),
    "impact": st.lists(st.sampled_from(["HIGH", "MODERATE", "LOW", "MODIFIER"]), min_size=1,
                       unique=True).map(lambda words: [",".join(words)]),
    "clinical": st.lists(st.sampled_from(["pathogenic", "vus", "benign", "not_provided", "none"]),
                         min_size=1, unique=True).map(lambda words: [",".join(words)]),
    "max_af": st.sampled_from([["0.001"], ["0,01"], ["0.2"]]),
    "keep_missing_af": st.sampled_from([["true"], ["false"]]),
}  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Parameters:
    """One to four filters, and half of the time a family with a model of inheritance."""
    names = draw(st.lists(st.sampled_from(sorted(_one)), min_size=1, max_size=4, unique=True))
    parameters = {name: draw(_one[name]) for name in names}
    if draw(st.booleans()):
        members = ROLES if draw(st.booleans()) else ROLES[: draw(st.integers(1, 2))]
        models = ["dominant", "recessive", "compound_het", "x_linked"]
        models += ["de_novo"] if len(members) == 3 else []
        parameters["family"] = [f"{role}:{role}" for role in members]
        parameters["inheritance"] = [draw(st.sampled_from(models))]
    return parameters
