"""The annotation engine: bcftools csq in a child process, behind our own check of the input.

``runner`` is the parent's side, ``python -m annotator.engine`` the child's.
"""

ENGINE = "bcftools-csq/1.24"
