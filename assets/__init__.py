"""What is made, and when: Dagster assets, checks, jobs and schedules. Thin: each calls a step and tells how it went."""
