"""The joint change of variants that are certainly on one haplotype and touch one codon.

The walk: ``finder`` takes blocks as they are annotated, ``candidates`` finds alleles that share a
codon, ``calls`` reads the genotypes of their records, ``phasing`` says what is together on a
haplotype, ``joint`` writes that as one allele, the engine annotates it, ``haplo_format`` writes
INFO/HAPLO. Nothing here knows which engine answers.
"""
