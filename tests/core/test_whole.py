"""Files that are there whole or not at all."""

import pytest

from ketasim.core.errors import InputError
from ketasim.core.whole import write_whole


def test_text_bytes_and_functions_are_written_as_they_are(tmp_path):
    assert write_whole(tmp_path / "a" / "t", "x\r\n", "file").read_bytes() == b"x\r\n"
    assert write_whole(tmp_path / "b", b"\x00\xff", "file").read_bytes() == b"\x00\xff"
    assert write_whole(tmp_path / "c", lambda p: p.write_text("y"), "file").read_text() == "y"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "old").write_text("old")

    def breaks(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"table is .*old.*can be written. No space left"):
        write_whole(tmp_path / "old", breaks, "table")
    with pytest.raises(InputError, match="table"):
        write_whole(tmp_path / "no" / "new", "x", "table", folders=False)
    assert [p.name for p in tmp_path.iterdir()] == ["old"] and (tmp_path / "old").read_text() == "old"
