"""`imgate user`: lets people onto the pages, shows them and takes them off; a code is shown once, an address never."""

import json

import pytest

from tests.cli.conftest import CONFIGURATION


def added(imgate, *arguments):
    done = imgate("user", "add", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def vera(imgate):
    imgate.configure()
    return added(
        imgate,
        "--role",
        "liaison",
        "--partner",
        "jobkraftwerk",
        "--name",
        "Vera Beispiel",
        "--login",
        "Vera",
        "--email",
        "vera@mail.example",
    )


def test_a_user_is_added_and_told_where_to_enrol(imgate, vera):
    assert list(vera) == ["user", "login", "enrolment_code", "enrol_at"]
    assert vera["login"] == "vera"
    assert vera["enrol_at"].startswith("http")
    assert vera["enrol_at"].endswith("/pages/enrol")
    assert vera["enrolment_code"] not in vera["enrol_at"]
    assert len(vera["enrolment_code"]) == 29


def test_users_are_listed_without_code_and_address(imgate, vera):
    listed = imgate("user", "list")
    assert listed.returncode == 0
    for shown in (vera["user"], "vera", "liaison", "jobkraftwerk", "holds", "Vera Beispiel"):
        assert shown in listed.stdout
    assert vera["enrolment_code"] not in listed.stdout + listed.stderr
    assert "mail.example" not in listed.stdout + listed.stderr


@pytest.mark.parametrize("by", ["user", "login"])
def test_a_user_is_revoked_once_by_id_or_login(imgate, vera, by):
    assert imgate("user", "revoke", vera[by]).returncode == 0
    assert "revoked" in imgate("user", "list").stdout
    again = imgate("user", "revoke", vera[by])
    assert (again.returncode, again.stdout) == (1, "")


@pytest.mark.parametrize("by", ["user", "login"])
def test_a_new_code_is_given_until_the_user_is_revoked(imgate, vera, by):
    again = json.loads(imgate("user", "enrol", vera[by]).stdout)
    assert again == vera | {"enrolment_code": again["enrolment_code"]}
    assert again["enrolment_code"] != vera["enrolment_code"]
    imgate("user", "revoke", vera["user"])
    refused = imgate("user", "enrol", vera[by])
    assert (refused.returncode, refused.stdout) == (1, "")


def test_a_login_is_given_once(imgate, vera):
    done = imgate("user", "add", "--role", "office", "--name", "B", "--login", "VERA")
    assert (done.returncode, done.stdout) == (1, "")
    assert "login" in done.stderr


def test_all_that_is_wrong_is_said_at_once(imgate, vera):
    done = imgate("user", "add", "--role", "liaison", "--partner", "nobody", "--name", " ", "--login", "vera", "--email", "x")
    assert (done.returncode, done.stdout) == (2, "")
    said = " ".join(done.stderr.split())
    assert [
        wrong for wrong in ("--name: ", "--email: ", "`nobody` is no partner", "Another user has this login.") if wrong not in said
    ] == []


def test_what_only_this_gateway_minds_is_said_at_once_too(imgate, vera):
    done = imgate("user", "add", "--role", "liaison", "--partner", "nobody", "--name", "B", "--login", "vera")
    assert (done.returncode, done.stdout) == (1, "")
    assert [wrong for wrong in ("`nobody` is no partner", "Another user has this login.") if wrong not in done.stderr] == []


@pytest.mark.parametrize("who", ["nobody", "", "00000000-0000-0000-0000-000000000001"])
def test_nobody_is_neither_revoked_nor_enrolled(imgate, vera, who):
    for command in ("revoke", "enrol"):
        done = imgate("user", command, who)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--role", "liaison", "--name", "x", "--login", "x"), 2),
        (("--role", "office", "--partner", "jobkraftwerk", "--name", "x", "--login", "x"), 2),
        (("--role", "liaison", "--partner", "nobody", "--name", "x", "--login", "x"), 1),
        (("--role", "admin", "--name", "x", "--login", "x"), 2),
        (("--role", "office", "--name", " ", "--login", "x"), 2),
        (("--role", "office", "--name", "x\u009b", "--login", "x"), 2),
        (("--role", "office", "--name", "x", "--login", "x y"), 2),
        (("--role", "office", "--name", "x", "--login", "x" * 65), 2),
        (("--role", "office", "--name", "x", "--login", "00000000-0000-0000-0000-000000000001"), 2),
        (("--role", "office", "--name", "x", "--login", "x", "--email", "x"), 2),
        (("--role", "office", "--name", "x", "--login", "x", "--email", "x@y\nBcc: z@y"), 2),
    ],
)
def test_a_user_that_makes_no_sense_is_not_added(imgate, arguments, status):
    imgate.configure()
    done = imgate("user", "add", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert "x" not in imgate("user", "list").stdout.partition("\n")[2]


def test_the_first_user_of_the_office_is_told_what_closes_and_no_other(imgate):
    imgate.configure(CONFIGURATION.replace("[partners.jobkraftwerk]", '[partners.jobkraftwerk]\nopen = ["health.constraints"]'))
    for role, login, told in (("integration-manager", "a", False), ("office", "b", True), ("office", "c", False)):
        done = imgate("user", "add", "--role", role, "--name", "x", "--login", login)
        assert (done.returncode, "jobkraftwerk" in done.stderr) == (0, told)
        assert json.loads(done.stdout)["login"] == login


@pytest.mark.parametrize("opened", ["", 'accept_single = true\nopen = ["health.constraints"]\n'])
def test_where_nothing_closes_nothing_is_told(imgate, opened):
    imgate.configure(CONFIGURATION.replace("[partners.jobkraftwerk]", f"[partners.jobkraftwerk]\n{opened}"))
    assert imgate("user", "add", "--role", "office", "--name", "x", "--login", "x").stderr == ""
