import os

# Two test processes share the cores; threads that wait for each other would slow both.
os.environ.setdefault("OMP_NUM_THREADS", "1")
