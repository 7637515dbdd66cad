"""The measurement of key figures; `python -m benchmarks.figures`."""
