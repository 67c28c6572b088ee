"""The pipeline: one room per stage, each run as `python -m stages.<name>`."""
