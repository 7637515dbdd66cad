"""The steps, in plain Python: functions from data to data. Knows neither Dagster nor Dash."""
