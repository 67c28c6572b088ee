"""Settings: composed from conf/ by Hydra, checked against schemas, told without secrets."""
