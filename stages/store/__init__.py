"""Results kept between runs, so that nothing is computed twice.

`results` is the store, `digest` what its keys are made of; `python -m stages.store`, or
`make store`, shows its size and prunes it.
"""
