"""A talk as a golden conversation that anybody can read."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass
class Recorder:
    """Keeps a talk as YAML: what the learner wrote, what the bot answered, in real words."""

    language: str
    seed: int
    told: dict[str, str] = field(default_factory=dict)
    talk: list[dict[str, str]] = field(default_factory=list)

    def me(self, words: str) -> None:
        self.talk.append({"me": words})

    def bot(self, text: str) -> None:
        self.talk.append({"bot": text})

    def save(self, path: Path) -> None:
        """Writes the conversation; long texts stay readable."""
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {"language": self.language, "seed": self.seed, **self.told, "talk": self.talk}
        path.write_text(yaml.dump(whole, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=1000), "utf-8")


class _Readable(yaml.SafeDumper):
    pass


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _block)
