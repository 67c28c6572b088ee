"""Sweeps over settings: each point is a DVC experiment and an MLflow run."""
