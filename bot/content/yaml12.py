"""Reads one YAML file, strictly and with places: YAML 1.2 scalars, unique keys, no aliases, no tags, at most 1 MiB.

PyYAML speaks YAML 1.1, where ``no`` is False and ``12:30`` is 750: both are words to an author.
"""

import re
from pathlib import Path
from typing import cast

import yaml

from bot.content.complaints import Complaint
from bot.content.plain_file import NotRead, content
from bot.engine.fixed import fixed

LARGEST = 1024 * 1024
# libyaml builds nested nodes on the C stack; no lesson needs more than a handful of levels.
DEEPEST = 40

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
Loc = tuple[str | int, ...]

NULL = "tag:yaml.org,2002:null"
BOOL = "tag:yaml.org,2002:bool"
INT = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
STR = "tag:yaml.org,2002:str"
UNTAGGED = frozenset({NULL, BOOL, INT, FLOAT, STR, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
OPENING = re.compile(r"[\[{]")
# After a key, on a line of its own or between braces, a text without quotes in which another colon stands.
COLON_INSIDE = re.compile(r"^\s*(?:- )?[\w-]+: +[^\s\"'\[{|>].*:(?:\s|$)|[{,] *[\w-]+: +[^\s\"'\[{][^,}]*: ")


class Unreadable(Exception):
    """A file that is not the YAML we read. The complaint tells where and what to do."""

    def __init__(self, complaint: Complaint) -> None:
        self.complaint = complaint
        super().__init__(str(complaint))


class CoreLoader(yaml.CSafeLoader):
    """PyYAML's loader with the plain scalars of YAML 1.2's core schema."""


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    (NULL, r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    (BOOL, r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    (INT, r"^[-+]?[0-9]+$", list("-+0123456789")),
    (FLOAT, r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


@fixed(frozen=True, slots=True)
class Document:
    """A file that was read: its plain value, and where each part of it stands."""

    file: str
    value: Plain
    root: yaml.Node | None

    def line(self, loc: Loc) -> int:
        """The line of the deepest part of ``loc`` that exists; a key's own line where it has one."""
        node, line = self.root, 1
        for step in loc:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def read(path: Path, inside: Path) -> Document:
    """The file at ``path``, which must lie in the folder ``inside``; raises ``Unreadable``."""
    file = shown(path, inside)
    text = _text(path, inside, file)
    try:
        root = CoreLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"not valid YAML: {error.problem or error.context}"
        raise Unreadable(Complaint(file, line, what, _cure(text, line))) from error
    except yaml.YAMLError as error:
        raise Unreadable(Complaint(file, 1, f"not valid YAML: {error}", "save the file as plain UTF-8 text")) from error
    value = _Builder(file).build(root) if root is not None else None
    return Document(file, value, root)


def shown(path: Path, inside: Path) -> str:
    """The file's name as people know it: from the project's root, with forward slashes."""
    return path.relative_to(inside.parent).as_posix()


def _text(path: Path, inside: Path, file: str) -> str:
    if path.is_symlink() or not path.resolve().is_relative_to(inside.resolve()):
        cure = f"put the file itself into {inside.name}/"
        raise Unreadable(Complaint(file, 1, "a link to a file elsewhere is not followed", cure))
    try:
        raw = content(path, LARGEST + 1)
    except NotRead as error:
        raise Unreadable(Complaint(file, 1, error.what, error.cure)) from error
    if len(raw) > LARGEST:
        raise Unreadable(Complaint(file, 1, "larger than 1 MiB", "split it: one lesson a file"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(Complaint(file, line, "not UTF-8 text", "save the file in the encoding UTF-8")) from error
    _refuse_oddities(text, file)
    return text


def _refuse_oddities(text: str, file: str) -> None:
    control = CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        what = f"an invisible control character (U+{ord(control[0]):04X})"
        raise Unreadable(Complaint(file, line, what, "delete it and type the place again"))
    # Flow brackets are the only way to nest deeply in a small file; a text may hold some, but not hundreds a line.
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(OPENING.findall(line_text)) > DEEPEST:
            raise Unreadable(Complaint(file, number, "too deeply nested", "write lists on lines of their own"))


def _cure(text: str, line: int) -> str:
    """What most often went wrong on such a line."""
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here:
        return "replace the tab by spaces"
    if COLON_INSIDE.search(here):
        return 'put a text that contains a colon into "double quotes"'
    if here.count('"') % 2 or here.count("'") % 2:
        return "close the quotes, or write the text under `|` on lines of its own"
    return "look at this line and the one before: indentation, quotes, colons"


class _Builder:
    """Plain values from nodes; what we do not take is refused with its line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, depth: int = 0) -> Plain:
        if id(node) in self.seen:
            raise self._refused(node, "an alias (`*name`) is not allowed", "write the text out")
        if node.tag not in UNTAGGED:
            raise self._refused(node, f"a tag ({node.tag}) is not allowed", "write plain text")
        if depth > DEEPEST:
            raise self._refused(node, "too deeply nested", "a lesson needs only a few levels")
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, depth + 1) for item in node.value]
        return self._mapping(cast(yaml.MappingNode, node), depth)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> Plain:
        built: dict[str, Plain] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refused(key, "a key must be a word", "write `key: value`")
            if key.value in built:
                cure = "keep one of them, or give the other its own name"
                raise self._refused(key, f'"{key.value}" stands here twice', cure)
            built[key.value] = self.build(value, depth + 1)
        return built

    def _refused(self, node: yaml.Node, what: str, cure: str) -> Unreadable:
        return Unreadable(Complaint(self.file, node.start_mark.line + 1, what, cure))


def _scalar(node: yaml.ScalarNode) -> Plain:
    text = cast(str, node.value)
    if node.style or node.tag == STR:
        return text
    match node.tag:
        case "tag:yaml.org,2002:null":
            return None
        case "tag:yaml.org,2002:bool":
            return text.casefold() == "true"
        case "tag:yaml.org,2002:int":
            return int(text) if len(text) <= 18 else text
        case _:
            return float(text)
