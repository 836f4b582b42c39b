"""The colours of pictures: the goal's own in Module 2, one for each other course."""

# The colours of the 17 Sustainable Development Goals; colour and number are all that is shown of them.
GOALS = (
    "#e5243b", "#dda63a", "#4c9f38", "#c5192d", "#ff3a21", "#26bde2", "#fcc30b", "#a21942", "#fd6925", "#dd1367",
    "#fd9d24", "#bf8b2e", "#3f7e44", "#0a97d9", "#56c02b", "#00689d", "#19486a",
)  # fmt: skip
COURSES = {"tour": "#b5411c", "module-1": "#0f5c5a", "module-2": "#2b4162"}
OTHER = "#4a3a6b"
LEGIBLE = 3.0  # contrast of large forms against their ground (WCAG 2, 1.4.11)


def colour(course: str, goal: int | None) -> str:
    """The ground of a picture's drawing."""
    return GOALS[goal - 1] if goal else COURSES.get(course, OTHER)


def is_dark(ground: str) -> bool:
    """Whether white forms are legible on it."""
    return 1.05 / (luminance(ground) + 0.05) >= LEGIBLE


def luminance(colour: str) -> float:
    """How bright a colour looks, 0 to 1 (WCAG 2)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
