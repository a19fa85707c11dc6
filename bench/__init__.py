"""`xinjie bench`: how fast the whole act is, beside bare SQL that leaves the same rows, measured in one run.

Every figure is the median of rounds in which ours and what stands beside it take turns; only ratios mean anything on
another machine. docs/performance.md explains each row.
"""
