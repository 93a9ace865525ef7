"""The validity rules of VCF 4.1 to 4.5, and what becomes of a file that breaks one."""
