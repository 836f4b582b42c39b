"""The JSON Schema of a lesson file, by which editors complete keys and underline mistakes while an author writes."""

import json
from pathlib import Path

from bot.content.models import LessonFile

NAME = "lesson.schema.json"


def lesson_schema() -> str:
    """The schema as it stands in ``lessons/lesson.schema.json``."""
    schema = LessonFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A lesson"
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write_schema(lessons_dir: Path) -> None:
    (lessons_dir / NAME).write_text(lesson_schema(), encoding="utf-8")
