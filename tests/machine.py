"""What the machine is like that the tests run on."""

import os


def slowness() -> float:
    """How much slower than usual this machine is now, as others use it too: 1 when it is idle."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
