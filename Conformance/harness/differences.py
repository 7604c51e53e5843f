"""Comparison of two recordings, and the list of differences that are meant."""
import difflib
import fnmatch
import re


def difference(left, right, left_label, right_label):
    """Unified diff lines without the file header; empty if equal."""
    return list(difflib.unified_diff(left, right, left_label, right_label, lineterm="", n=3))


class Expected:
    """Rows `| case pattern | line pattern | reason |` of expected-differences.md.

    A difference is expected when every added and removed line matches the line pattern of a row for that case.
    """

    def __init__(self, path):
        self.rows = []
        try:
            with open(path) as text:
                lines = text.readlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            if len(cells) == 3 and cells[0] not in ("case", "") and not cells[0].startswith("-"):
                self.rows.append((cells[0], re.compile(cells[1].replace("\\|", "|")), cells[2]))

    def reason(self, case, diff):
        """The reasons that cover the whole diff, or None."""
        changed = [line[1:] for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        reasons = []
        for line in changed:
            for pattern, expression, reason in self.rows:
                if fnmatch.fnmatch(case, pattern) and expression.fullmatch(line):
                    if reason not in reasons:
                        reasons.append(reason)
                    break
            else:
                return None
        return "; ".join(reasons) or None
