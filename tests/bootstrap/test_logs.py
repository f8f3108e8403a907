"""Log lines: JSON, on stderr, and without what a request held."""

import json
import subprocess
import sys

CANARY = "canary-7d1f"


def _lines(script: str) -> list[dict[str, object]]:
    source = f"from imgate.bootstrap.logs import configure_logs\nconfigure_logs()\nimport logging, structlog\n{script}"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert CANARY not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_of_our_own_is_one_json_object():
    (line,) = _lines('structlog.get_logger().info("happened", exchange="x")')
    assert line["event"] == "happened"
    assert line["exchange"] == "x"
    assert line["level"] == "info"
    assert str(line["at"]).endswith("Z")


def test_an_exception_shows_its_type_and_place_and_not_its_text():
    (line,) = _lines(
        f'''
try:
    raise ValueError("{CANARY}")
except ValueError as error:
    structlog.get_logger().error("failed", exc_info=error)
'''
    )
    assert line["error"] == "builtins.ValueError"
    assert line["frames"] == ["<string>:6 <module>"]


def test_another_librarys_line_shows_its_template_only():
    (line,) = _lines(f'logging.getLogger("other").warning("something about %s", "{CANARY}")')
    assert line["event"] == "something about %s"


def test_another_librarys_exception_shows_no_text():
    (line,) = _lines(
        f'''
try:
    raise ValueError("{CANARY}")
except ValueError:
    logging.getLogger("other").exception("first line\\n{CANARY}")
'''
    )
    assert line["event"] == "first line"
    assert line["error"] == "builtins.ValueError"


def test_what_other_libraries_only_mention_is_left_out():
    assert _lines('logging.getLogger("other").info("x")') == []
