"""Rules of INFO, of FORMAT and of the samples."""

from annotator.rules.rule import ALL, FROM_4, FROM_5, UNTIL_2, UNTIL_3, Rule, Verdict

_KEPT = "the value comes back as it was; where GAS would use it, it counts as missing"

INFO_SYNTAX = Rule(
    "info-syntax",
    ALL,
    "INFO is a dot, or entries `key` or `key=value` with semicolons between them, none empty.",
    Verdict.NOTED,
    _KEPT,
)
INFO_KEY = Rule(
    "info-key", ALL, "A key of INFO is `[A-Za-z_][0-9A-Za-z_.]*`, or `1000G`.", Verdict.NOTED, _KEPT
)
INFO_TWICE = Rule("info-twice", ALL, "No key is twice in INFO.", Verdict.NOTED, _KEPT)
INFO_DEFINED = Rule(
    "info-defined",
    ALL,
    "The header defines every key of INFO.",
    Verdict.NOTED,
    "a definition is added",
)
INFO_SPACE = Rule("info-space", UNTIL_2, "INFO has no space.", Verdict.NOTED, _KEPT)
INFO_EQUALS = Rule(
    "info-equals", ALL, "A value of INFO has no equals sign in it.", Verdict.NOTED, _KEPT
)
INFO_FLAG = Rule(
    "info-flag",
    ALL,
    "A Flag has no value but 0 or 1, and every other key has one.",
    Verdict.NOTED,
    _KEPT,
)
INFO_TYPE = Rule(
    "info-type",
    ALL,
    "The values of INFO are of the Type that the header gives, or that is reserved for the key.",
    Verdict.NOTED,
    _KEPT,
)
INFO_NUMBER = Rule(
    "info-number",
    ALL,
    "There are as many values as the Number means that the header gives, or that is reserved.",
    Verdict.NOTED,
    _KEPT,
)
INFO_END = Rule(
    "info-end",
    ALL,
    "END is not before POS, nor behind the end of the contig.",
    Verdict.NOTED,
    _KEPT,
)
INFO_FREQUENCY = Rule("info-frequency", ALL, "AF is from 0 to 1.", Verdict.NOTED, _KEPT)
INFO_CIGAR = Rule(
    "info-cigar",
    ALL,
    "CIGAR is numbers with one of MIDNSHP=X behind each.",
    Verdict.NOTED,
    _KEPT,
)
INFO_COUNTS = Rule(
    "info-counts",
    ALL,
    "AC, AD, ADF, ADR, AN, BQ, CN, DP, HOMLEN, MQ, MQ0 and NS are not negative, nor are RN, RUL,"
    " RUC, RB and RUB.",
    Verdict.NOTED,
    _KEPT,
)
INFO_SVTYPE = Rule(
    "info-svtype", UNTIL_3, "SVTYPE is DEL, INS, DUP, INV, CNV or BND.", Verdict.NOTED, _KEPT
)
INFO_SVTYPE_ALT = Rule(
    "info-svtype-alt",
    ALL,
    "SVTYPE is BND where ALT is a breakend, and not another of DEL, DUP, INS and INV than `<…>` of"
    " ALT (but `<DUP>` may be INS, and the reverse).",
    Verdict.NOTED,
    _KEPT,
)
INFO_INTERVAL = Rule(
    "info-interval",
    ALL,
    "CIPOS, CIEND, CIRB and CIRUC go from at most 0 to at least 0; from 4.4 on CIPOS, CIEND, CILEN"
    " and CICN have two values for each allele of ALT.",
    Verdict.NOTED,
    _KEPT,
)
INFO_MOBILE = Rule(
    "info-mobile",
    FROM_4,
    "MEINFO and METRANS have four values for each allele of ALT.",
    Verdict.NOTED,
    _KEPT,
)
INFO_END_COMPUTED = Rule(
    "info-end-computed",
    FROM_4,
    "END is the last base of REF where all alleles are bases; in 4.5 also where ALT is a dot or a"
    " breakend, and of symbolic alleles it is the last base by SVLEN, if that is further.",
    Verdict.NOTED,
    _KEPT,
)
INFO_SVCLAIM = Rule(
    "info-svclaim",
    FROM_4,
    "SVCLAIM is D, J or DJ of `<DEL>` and `<DUP>`, which must have it; D or a dot of `<CNV>`; J, DJ"
    " or a dot of `<INS>` and `<INV>`; J or a dot of breakends.",
    Verdict.NOTED,
    _KEPT,
)
INFO_SVLEN = Rule(
    "info-svlen",
    FROM_4,
    "Records with `<DEL>`, `<DUP>`, `<INV>`, `<INS>` or `<CNV>` have SVLEN (or END), and it is not"
    " missing for these alleles.",
    Verdict.NOTED,
    _KEPT,
)
INFO_SVLEN_SIGN = Rule(
    "info-svlen-sign",
    UNTIL_3,
    "SVLEN is negative of alleles that are shorter than REF, as `<DEL>`, and positive of longer"
    " ones, as `<INS>` and `<DUP>`.",
    Verdict.NOTED,
    _KEPT,
)
INFO_REPEAT = Rule(
    "info-repeat",
    FROM_4,
    "With `<CNV:TR>` there is RUS or RUL; RUS, RUL, RUC and RB have as many values as RN adds up"
    " to, CIRUC and CIRB twice as many; RUS is of IUPAC's bases, as many as RUL; with RUB there is"
    " RUC, of whole numbers, and RUB has as many values as they add up to.",
    Verdict.NOTED,
    _KEPT,
)
FORMAT_KEY = Rule(
    "format-key",
    ALL,
    "A key of FORMAT is `[A-Za-z_][0-9A-Za-z_.]*`; before 4.3 it has no space, comma,"
    " semicolon or `=`.",
    Verdict.NOTED,
    _KEPT,
)
FORMAT_FILTER = Rule(
    "format-filter",
    ALL,
    "FT is a dot, PASS alone, or different names without spaces and with semicolons between them,"
    " and none of them is 0.",
    Verdict.NOTED,
    _KEPT,
)
FORMAT_TWICE = Rule("format-twice", ALL, "No key is twice in FORMAT.", Verdict.NOTED, _KEPT)
FORMAT_DEFINED = Rule(
    "format-defined",
    ALL,
    "The header defines every key of FORMAT.",
    Verdict.NOTED,
    "a definition is added",
)
GT_FIRST = Rule("gt-first", ALL, "GT is the first key of FORMAT.", Verdict.NOTED, _KEPT)
LAA_FIRST = Rule(
    "laa-first",
    FROM_5,
    "Where FORMAT has keys of local alleles (LAD, LPL and such), LAA precedes all but GT.",
    Verdict.NOTED,
    _KEPT,
)
SAMPLE_VALUES = Rule(
    "sample-values",
    ALL,
    "A sample has no more values than FORMAT has keys; it is a dot where FORMAT is.",
    Verdict.NOTED,
    _KEPT,
)
SAMPLE_EMPTY = Rule(
    "sample-empty",
    ALL,
    "No value of a sample is empty, but in 4.5 one that may be of no parts, as LAA.",
    Verdict.NOTED,
    _KEPT,
)
GT_SYNTAX = Rule(
    "gt-syntax",
    ALL,
    "GT is numbers of alleles or dots, with `/` or `|` between them; from 4.4 on also before.",
    Verdict.REFUSED,
    "no program would read the result",
)
GT_PREFIX = Rule(
    "gt-prefix",
    UNTIL_3,
    "GT does not begin with `/` or `|`.",
    Verdict.NOTED,
    "it is read as in VCF 4.4",
)
GT_ALLELE = Rule(
    "gt-allele",
    ALL,
    "GT names alleles that ALT has.",
    Verdict.NOTED,
    "the genotype comes back as it was; the alleles of ALT are annotated",
)
FORMAT_TYPE = Rule(
    "format-type",
    ALL,
    "The values of samples are of the Type that the header gives, or that is reserved for the key.",
    Verdict.NOTED,
    _KEPT,
)
FORMAT_NUMBER = Rule(
    "format-number",
    ALL,
    "There are as many values as the Number that the header gives, or that is reserved for the key;"
    " for G by the ploidy of GT.",
    Verdict.NOTED,
    _KEPT,
)
FORMAT_RANGE = Rule(
    "format-range",
    ALL,
    "Depths, qualities and likelihoods of Type Integer are not negative (AD, ADF, ADR, DP, EC, GQ,"
    " HQ, LEN, MQ, PL, PP, PQ, PSQ, those of local alleles and of base modifications), nor are CN,"
    " CNQ and PS; from 4.3 on GP and CNP are from 0 to 1, as are LGP and M5mC and such in 4.5.",
    Verdict.NOTED,
    _KEPT,
)
LAA_VALUES = Rule(
    "laa-values", FROM_5, "LAA is different numbers of alleles that ALT has.", Verdict.NOTED, _KEPT
)
PHASE_SETS = Rule("ps-and-psl", FROM_4, "A sample has not both PS and PSL.", Verdict.NOTED, _KEPT)
PHASED_SETS = Rule(
    "psl-phased",
    FROM_4,
    "PSL, PSO and PSQ have a dot for alleles of GT that are not phased.",
    Verdict.NOTED,
    _KEPT,
)
MODIFICATIONS = Rule(
    "base-modifications",
    FROM_5,
    "There are as many values as bases that can be modified (Number M).",
    Verdict.LEFT,
    "GAS does not use them",
)
VALUE_RULES = (
    INFO_SYNTAX, INFO_KEY, INFO_TWICE, INFO_DEFINED, INFO_SPACE, INFO_EQUALS, INFO_FLAG, INFO_TYPE,
    INFO_NUMBER, INFO_END, INFO_FREQUENCY, INFO_CIGAR, INFO_COUNTS, INFO_SVTYPE, INFO_INTERVAL,
    INFO_MOBILE, INFO_SVTYPE_ALT, INFO_SVCLAIM, INFO_SVLEN, INFO_SVLEN_SIGN,
    INFO_END_COMPUTED, INFO_REPEAT,
    FORMAT_FILTER, FORMAT_KEY, FORMAT_TWICE, FORMAT_DEFINED, GT_FIRST, LAA_FIRST, SAMPLE_VALUES,
    SAMPLE_EMPTY, GT_SYNTAX, GT_PREFIX, GT_ALLELE, FORMAT_TYPE, FORMAT_NUMBER, FORMAT_RANGE,
    LAA_VALUES, PHASE_SETS, PHASED_SETS, MODIFICATIONS,
)  # fmt: skip
