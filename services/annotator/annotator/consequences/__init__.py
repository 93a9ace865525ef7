"""What each variant does to each transcript, in the words and the layout of Ensembl VEP.

The walk: ``gff3`` reads gene models, ``transcript_db`` prepares them once a bundle, ``alleles``
checks and trims what the user wrote, ``overlaps`` pairs alleles with transcripts, ``positions``,
``splicing`` and ``coding`` answer from the gene models and the reference, ``mehari`` adds HGVS,
``pick`` chooses, ``csq_format`` writes. Nothing here reads or writes VCF files.
"""
