"""Wire shapes: what goes in and what comes out, and nothing else."""
