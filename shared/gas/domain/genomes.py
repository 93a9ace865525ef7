"""Facts of genomes that several services need."""

PSEUDOAUTOSOMAL = {
    "GRCh38": ((10_001, 2_781_479), (155_701_383, 156_030_895)),
    "GRCh37": ((60_001, 2_699_520), (154_931_044, 155_260_560)),
}
"""The regions of X that pair with Y, by assembly, 1-based and inclusive.

Source: Genome Reference Consortium.
"""
