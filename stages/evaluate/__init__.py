"""Stage evaluate: scores against hand transcriptions, plots, report and MLflow run."""
