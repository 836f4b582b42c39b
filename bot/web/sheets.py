"""The templates of our pages, read when the first page is asked for."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def sheet(name: str) -> "Template":
    return _sheets().get_template(name)


@cache
def _sheets() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # 2 MiB, 15 ms, until somebody looks at a page

    return Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
