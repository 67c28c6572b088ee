"""Stage recognize: TrOCR over the distinct line crops, and the choice of a candidate."""

import os

# Waiting OpenMP threads spin by default; beside any other load that made reading 7 times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
