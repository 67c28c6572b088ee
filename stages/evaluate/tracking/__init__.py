"""One MLflow run per state of the pipeline, resumed when the state comes back.

`attempt` logs at the end of an evaluation and gives up in time; what it could not log the command
`python -m stages.evaluate.tracking` logs later. `run` says what a run holds, `state` what makes it
the same run, `origin` what leads back from it, `store` where runs go.
"""
