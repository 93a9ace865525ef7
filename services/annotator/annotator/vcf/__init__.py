"""Reads VCF: compressed blocks, the header, the columns of many records at once."""
