"""From tables of evidence to results, figures, tables and sentences."""

import os

# Many small problems are solved at once by several processes: threads within each would only wait for one
# another. And the last digits of a product of matrices would depend on the number of cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
