"""The closed subset of YAML: what a scalar means, and what is refused with its place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.files.yamlmarks import DEEPEST, LARGEST, load_yaml, scalar


def load(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_yaml(path)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("35%", 0.35, "percent"),
        ("35 %", 0.35, "percent"),
        ("1e-3", 0.001, "number"),
        ("-2.5", -2.5, "number"),
        ("14 days", 14.0, "days"),
        ("1 day", 1.0, "days"),
        ("2024-12-08", date(2024, 12, 8), "date"),
        ("2024-13-08", "2024-13-08", "text"),
        ("yes", "yes", "text"),
        ("off", "off", "text"),
        ("1e999", "1e999", "text"),
        (".inf", ".inf", "text"),
        ("0x10", "0x10", "text"),
        ("1:30", "1:30", "text"),
        ("", None, "nothing"),
    ],
)
def test_scalars(text, value, kind):
    assert scalar(text) == (value, kind)


def test_keys_are_text_and_quoted_numbers_are_text(tmp_path):
    root, _, problems = load(tmp_path, "on: 1\n1: 'x'\nb: '35%'\n")
    assert problems == []
    assert list(root.fields) == ["on", "1", "b"]
    assert root.fields["b"].kind == "text"
    assert (root.fields["1"].key_line, root.fields["1"].column) == (2, 4)


def test_bom_and_crlf_are_accepted(tmp_path):
    root, _, problems = load(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert problems == []
    assert root.fields["b"].value == 2


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "`a` stands here twice, first on line 1"),
        ("a: &x 1\n", (1, 4), "anchor `&x`"),
        ("a: &x 1\nb: *x\n", (2, 4), "alias `*x`"),
        ("a: {<<: {b: 1}}\n", (1, 5), "merge key"),
        ("a: !!int '1'\n", (1, 4), "tag"),
        ("a: !!python/object:os.system x\n", (1, 4), "tag"),
        ("a: 1\n---\nb: 2\n", (2, 1), "second document"),
        ("? [a, b]\n: 1\n", (1, 3), "a key that is not text"),
        ("a: b: c\n", (1, 5), "second colon"),
        ("a:\n\tb: 1\n", (2, 1), "tab"),
        ("a: [1, 2\n", (2, 1), "not valid YAML"),
        ("a: @b\n", (1, 4), "begins with `@`"),
        ("- a\n", (1, 1), "a list"),
        ("a: x\x07y\n", (1, 5), "U+0007"),
        ("a: " + "[" * 30 + "]" * 30, (1, 3 + DEEPEST), "levels"),
    ],
)
def test_refused(tmp_path, text, place, said):
    problems = load(tmp_path, text)[2]
    assert said in "\n".join(map(str, problems))
    assert place in [(p.line, p.column) for p in problems]


def test_not_utf8_and_too_large(tmp_path):
    (problem,) = load(tmp_path, b"a: 1\nb: \xff\n")[2]
    assert (problem.line, problem.column) == (2, 4)
    assert "at most 1 MB" in str(load(tmp_path, b"#" * (LARGEST + 1))[2][0])


def test_very_deep_input_ends_in_a_problem(tmp_path):
    assert load(tmp_path, "a: " + "[" * 50_000)[2]


@given(st.binary(max_size=200))
def test_any_bytes_end_in_problems_not_in_a_trace(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(raw)
    root, _, problems = load_yaml(path)
    assert root is not None or problems
