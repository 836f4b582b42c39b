from pathlib import Path

import pytest

from tests.content.project import Project, small_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small, whole project that a test may spoil."""
    return small_project(tmp_path)
