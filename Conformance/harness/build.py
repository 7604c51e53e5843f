"""Which programs are under test, and how much slower than a release build they may be.

`APUS_BUILD` is the folder of apus and apusctl. `APUS_SLOWNESS` is a factor for every time within which something has
to happen, and a divisor for rates; builds with a sanitizer need one (dev/sanitize). The memory of such a build is the
sanitizer's, so it is not compared.
"""
import os

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("APUS_BUILD") or os.path.join(REPO, ".build/release"))
APUS = os.path.join(BUILD, "apus")
APUSCTL = os.path.join(BUILD, "apusctl")
SLOWNESS = float(os.environ.get("APUS_SLOWNESS") or 1)
MEMORY_COUNTS = SLOWNESS == 1
