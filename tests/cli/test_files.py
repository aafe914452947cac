"""What is written: whole or not at all, with the folders it needs."""

import pytest

from ketasim.cli import files
from ketasim.core.errors import InputError


def test_folders_are_made_and_text_kept(tmp_path):
    target = tmp_path / "a" / "b" / "c.csv"
    files.write(target, "x,y\r\n1,2\r\n")
    assert target.read_bytes() == b"x,y\r\n1,2\r\n" and [p.name for p in target.parent.iterdir()] == ["c.csv"]


def test_nothing_is_left_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="can be written"):
        files.write(tmp_path / "file" / "c.csv", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError):
        files.write(tmp_path / "folder", "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
