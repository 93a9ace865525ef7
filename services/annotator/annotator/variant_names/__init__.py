"""Lists of variants by name: rs numbers, HGVS names and short records, made a VCF."""
