"""What is done when the event log was restored to an earlier time, and how that is noticed.

Files are younger than a restored log knows. So periods whose events are lost are recorded
(``periods``), noticed even where nobody recorded them (``witness``), and what remains of them is
found again in the buckets (``findings``, ``origin``).
"""
