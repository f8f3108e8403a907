"""An export appears under its name when it is whole, for its owner alone; what a killed run has left beside it goes with the next."""

import fcntl
import os
import stat
import zipfile

import pytest

from imgate.cli.export_files import write_folder, write_zip
from imgate.cli.output import Failed
from imgate.exchange.rights.export import ClientFile

FILES = [ClientFile("index.json", "application/json", b"{}"), ClientFile("evidence/a/b.pdf", "application/pdf", b"%PDF")]
WRITERS = pytest.mark.parametrize("write", [write_folder, write_zip])


class Killed(BaseException):
    """What no handler for errors takes."""


@pytest.fixture
def generous():
    """Whoever runs it lets everybody read and write what they make."""
    before = os.umask(0)
    yield
    os.umask(before)


def left_over(folder, name="left"):
    """Make what a killed run leaves: a folder with something in it, and a file."""
    made = folder / f".imgate-export-{name}"
    (made / "evidence").mkdir(parents=True)
    (made / "evidence" / "a.pdf").write_bytes(b"personal")
    file = folder / f".imgate-export-{name}-zip"
    file.write_bytes(b"personal")
    return made, file


@pytest.mark.usefixtures("generous")
def test_all_of_a_folder_is_its_owners_alone_whatever_the_umask(tmp_path):
    write_folder(tmp_path / "new", iter(FILES))
    made = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()} == {0o600}
    assert len(made) == 5
    assert (tmp_path / "new/evidence/a/b.pdf").read_bytes() == b"%PDF"


@pytest.mark.usefixtures("generous")
def test_a_zip_file_is_its_owners_alone_whatever_the_umask(tmp_path):
    write_zip(tmp_path / "new", iter(FILES))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert zipfile.ZipFile(tmp_path / "new").namelist() == ["index.json", "evidence/a/b.pdf"]


@WRITERS
def test_until_it_is_whole_nothing_has_its_name_and_nobody_else_can_read_it(tmp_path, write):
    def files():
        yield FILES[0]
        (beside,) = tmp_path.iterdir()
        assert beside.name.startswith(".imgate-export-")
        assert stat.S_IMODE(beside.stat().st_mode) & 0o077 == 0
        yield FILES[1]

    write(tmp_path / "new", files())
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@WRITERS
@pytest.mark.parametrize("failure", [OSError(28, "full"), KeyboardInterrupt(), Killed()])
def test_what_breaks_off_leaves_nothing(tmp_path, write, failure):
    def files():
        yield from FILES
        raise failure

    with pytest.raises(type(failure)):
        write(tmp_path / "new", files())
    assert list(tmp_path.iterdir()) == []


@WRITERS
def test_what_a_killed_run_has_left_goes_with_the_next_before_anything_is_written(tmp_path, write):
    left_over(tmp_path)

    def files():
        assert len(list(tmp_path.iterdir())) == 1
        yield from FILES

    write(tmp_path / "new", files())
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@WRITERS
def test_what_another_run_is_writing_just_now_stays(tmp_path, write):
    holding = [os.open(path, os.O_RDONLY) for path in left_over(tmp_path, "theirs")]
    for handle in holding:
        fcntl.flock(handle, fcntl.LOCK_EX)
    left_over(tmp_path)
    write(tmp_path / "new", iter(FILES))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".imgate-export-theirs", ".imgate-export-theirs-zip", "new"]
    for handle in holding:
        os.close(handle)


def test_two_runs_at_once_do_not_take_each_others_away(tmp_path):
    def files():
        write_zip(tmp_path / "inner", iter(FILES))
        yield from FILES

    write_folder(tmp_path / "outer", files())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inner", "outer"]


@WRITERS
def test_nothing_else_is_taken_away(tmp_path, write):
    work = tmp_path / "work"
    work.mkdir()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept").write_bytes(b"kept")
    (work / ".imgate-export-link").symlink_to(mine)
    (work / "imgate-export-x").write_bytes(b"kept")
    (work / ".imgate-exported").write_bytes(b"kept")
    os.mkfifo(work / ".imgate-export-pipe")
    before = {path.name for path in work.iterdir()}
    write(work / "new", iter(FILES))
    assert {path.name for path in work.iterdir()} == before | {"new"}
    assert (mine / "kept").read_bytes() == b"kept"


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(tmp_path):
    def files():
        (tmp_path / "new").write_bytes(b"mine")
        yield from FILES

    with pytest.raises(Failed, match="is there already"):
        write_zip(tmp_path / "new", files())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new", b"mine")]
    (tmp_path / "new").unlink()
    with pytest.raises(OSError, match="Not a directory"):
        write_folder(tmp_path / "new", files())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new", b"mine")]
