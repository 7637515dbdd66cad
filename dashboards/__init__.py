"""What people see. Reads published releases and `status.json`, nothing else."""
