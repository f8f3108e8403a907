"""The demo tells a story that is true."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def test_two_demos_at_the_same_time_go_as_told_and_leave_nothing_behind(imgate):
    imgate.environment["TMPDIR"] = str(imgate.folder)
    imgate.environment["IMGATE_GATEWAY__URL"] = "https://elsewhere.example.org"  # set for another gateway on this machine
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: imgate("demo"), range(2)))
    for done in both:
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert "Everything went as told" in done.stdout
        assert done.stderr == ""
    assert list(Path(imgate.folder).iterdir()) == []
