"""Ways in which a file goes wrong, for Hypothesis to choose from: bytes, lines, cells and values."""

from pathlib import Path

from hypothesis import strategies as st

from drawdown.files.yamlmarks import Node, load_yaml

ODD = (
    *("\ufeff", "\u202e", "\u2066", "\u2028", "\x00", "\x1b[31m", "\x85", "\ufffe", "\U0010ffff", "é"),
    *("\r", "\r\n", "\t", '"', '""', "'", ",", ";", "|", "`", "$x^^$", "<script>", "٣", "½", "−"),
)
"""Text that files have been seen to hold and that readers have been seen to stumble over."""
VALUES = (
    *("", "~", "null", "[]", "{}", "[[]]", "{a: {b: c}}", "yes", "TRUE", "nan", ".nan", ".inf", "-.inf"),
    *("0", "-1", "-0", "1e308", "1e-308", "1e999", "99999999999999999999", "0x10", "1_000", "1:30"),
    *("0%", "100%", "1e300%", "-5%", "35", "14", "0 days", "1 day", "99999999999 days", "9" * 400),
    *(f"{'9' * 400} days", "0001-01-01", "9999-12-31", "2024-02-30", "1949-12-31", "2100-01-02"),
    *("&a x", "*a", "!!int 3", "!!python/object:os.system x", "<<", '"\\ud800"', '"\\0"', '"\\e[2J"'),
    *("[1, 2]", "[2, 1]", "[1, 1]", "[1e-300, 1e300]", "[0%, 100%]", "[a, b]", "[1]", "[1, 2, 3]"),
    *("{between: [1, 2], why: x}", "{lognormal: [1e9, 1e9]}", "{lognormal: [1, 1e-320]}", "@x", "%x"),
    *("{10%: 1, 10.0%: 2}", "{10%: 1, 0.1: 2}", "{1%: 1e-300, 99%: 1e300}", "=1+1", "'a: b'", "a: b"),
)
"""Values for any place of a YAML file."""
CELLS = (
    *("", " ", "12/13/2024", "13.12.2024", "Dec-24", "45639", "2024-12-13 00:00:00", "2024-13-01"),
    *("1949-01-01", "2101-01-01", "0000-00-00", "9999-12-31", "1E+05", "1,234", "8-12", "1.0", "-3"),
    *(
        ">5",
        "<0",
        "5001",
        ">" + "9" * 5000,
        "<=" + "9" * 9,
        "5..3",
        "..",
        "yes",
        "no",
        "TRUE",
        "x" * 3000,
    ),
    *("nan", "inf", "-inf", "NULL", "NA", "#REF!", "=1+1", "@x", "ftp://a", "javascript:alert(1)"),
    *("http://", "https://a b", "a\x00b", "\x1b[2J", "\u202eabc", "theatre", "in", "out", "A7", "b2"),
    *('"', '"a', 'a"b', '"a""b"', '"a,b"', '"a\nb"', "0.250000", "1.000000", "2024-12-13T09:30:00Z"),
)
"""Texts for any cell of a CSV file, some of which break the row."""


@st.composite
def mangled_bytes(draw: st.DrawFn, raw: bytes) -> bytes:
    """A file with up to four edits of its bytes and lines."""
    for _ in range(draw(st.integers(1, 4))):
        raw = draw(st.sampled_from(BYTE_EDITS))(draw, raw)
    return raw


def _flip(draw: st.DrawFn, raw: bytes) -> bytes:
    at = draw(st.integers(0, max(len(raw) - 1, 0)))
    return raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]


def _cut(draw: st.DrawFn, raw: bytes) -> bytes:
    at = draw(st.integers(0, len(raw)))
    return raw[:at] + raw[at + draw(st.integers(1, 2000)) :]


def _end(draw: st.DrawFn, raw: bytes) -> bytes:
    return raw[: draw(st.integers(0, len(raw)))]


def _insert(draw: st.DrawFn, raw: bytes) -> bytes:
    at = draw(st.integers(0, len(raw)))
    odd = st.sampled_from(ODD).map(str.encode)
    return raw[:at] + draw(st.one_of(odd, st.binary(min_size=1, max_size=20))) + raw[at:]


def _double(draw: st.DrawFn, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    return b"\n".join(lines[: at + 1] * 1 + [lines[at]] + lines[at + 1 :])


def _swap_lines(draw: st.DrawFn, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    a, b = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _encode(draw: st.DrawFn, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    how = draw(st.sampled_from(("utf-16", "utf-16-le", "latin-1", "cp1252", "utf-8-sig", "utf-7")))
    return text.encode(how, "replace")


def _endings(draw: st.DrawFn, raw: bytes) -> bytes:
    return raw.replace(b"\n", draw(st.sampled_from((b"\r\n", b"\r", b"\n\r", b"\x0b", b" \n"))))


BYTE_EDITS = (_flip, _cut, _end, _insert, _double, _swap_lines, _encode, _endings)


@st.composite
def mangled_table(draw: st.DrawFn, raw: bytes) -> bytes:
    """A CSV file with up to four cells swapped or replaced; quoting is not minded."""
    lines = [line.split(",") for line in raw.decode().split("\n")]
    for _ in range(draw(st.integers(1, 4))):
        row = lines[draw(st.integers(0, len(lines) - 1))]
        at = draw(st.integers(0, len(row) - 1))
        if draw(st.booleans()):
            other = lines[draw(st.integers(0, len(lines) - 1))]
            there = draw(st.integers(0, len(other) - 1))
            row[at], other[there] = other[there], row[at]
        else:
            row[at] = draw(st.sampled_from((*CELLS, *ODD)))
    return "\n".join(",".join(row) for row in lines).encode()


def places(path: Path) -> list[tuple[int, int, int]]:
    """Where values stand in a YAML file without anchors: line, column and length, from one."""
    root = load_yaml(path)[0]
    assert root is not None
    found: list[tuple[int, int, int]] = []
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        waiting += [*node.fields.values(), *node.items]
        if node.kind not in ("map", "list"):
            found.append((node.line, node.column, len(node.text)))
        elif node is not root:
            found.append((node.line, node.column, 1))
        if node.key_line:
            found.append((node.key_line, node.key_column, 3))
    return sorted(found)


@st.composite
def mangled_values(draw: st.DrawFn, raw: bytes, where: list[tuple[int, int, int]]) -> bytes:
    """A YAML file with up to three values, or beginnings of groups and keys, replaced by others."""
    lines = raw.decode().split("\n")
    picks = draw(st.lists(st.sampled_from(where), min_size=1, max_size=3, unique=True))
    for line, column, length in sorted(picks, reverse=True):
        text = lines[line - 1]
        new = draw(st.sampled_from((*VALUES, *ODD)))
        lines[line - 1] = text[: column - 1] + new + text[column - 1 + length :]
    return "\n".join(lines).encode("utf-8", "surrogatepass")
