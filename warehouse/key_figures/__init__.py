"""The key-figure catalogue: one YAML file per theme, and the code that reads and checks it."""
