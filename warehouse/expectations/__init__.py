"""What is plausible, by table: one `.yaml` per table, judged by Great Expectations.

Belongs here: counts against last time, shares and means in range, sums that must reconcile between tables, freshness.
Does not belong here: the shape of a row or a delivery (types, keys, allowed values, size): that is the contract's.
"""
