"""The expressions of ``where``: ``tokens``, ``parser`` (text to a ``tree``), ``compiler`` (to SQL).

``impact == "HIGH" and (max_af < 0.01 or max_af is missing) and "APP" in all_symbols``
"""
