"""The annotation engine in a child process, behind our own check of the input.

``runner`` is the parent's side, ``python -m annotator.engine`` the child's. The order of the work
is in ``whole``; ``engines`` says what an engine is.
"""
