"""The cases on disk: one folder each, with case.py, README.md, and optionally its own kamailio.cfg."""
import fnmatch
import importlib.util
import os

SLOTS = 30
PORTS_PER_SLOT = 10


class Case:
    """One behaviour: `run(t)` of its case.py, run once per variant."""

    def __init__(self, folder, index):
        self.name = os.path.basename(folder)
        self.folder = folder
        self.slot = index % SLOTS
        spec = importlib.util.spec_from_file_location("case_" + self.name.replace("-", "_"), folder + "/case.py")
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.variants = getattr(self.module, "VARIANTS", ("udp",))
        self.uses_names = getattr(self.module, "NAMES", False)
        own = os.path.join(folder, "kamailio.cfg")
        self.cfg = own if os.path.exists(own) else None

    def readme(self):
        with open(os.path.join(self.folder, "README.md")) as text:
            return text.read()

    def title(self):
        return self.readme().strip().split("\n")[0].lstrip("# ")


def load(folder, patterns):
    """All cases whose name matches one of the patterns, by name; ports depend on the full list, not the choice."""
    names = sorted(name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, "case.py")))
    cases = [Case(os.path.join(folder, name), index) for index, name in enumerate(names)
             if not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    return cases
