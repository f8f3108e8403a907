"""`imgate simulate`: the other side of an adapter, against a gateway that really runs."""

import contextlib
import json
import signal
import subprocess
import sys
import time

import httpx2
import pytest

from imgate.transports.webhook import secret_key, signed_headers
from tests.cli.conftest import Imgate

PUSHED = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[server]
port = 0
metrics_port = 0

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
"""


@contextlib.contextmanager
def simulating(imgate, *arguments, said=None):
    process = subprocess.Popen(
        [sys.executable, "-m", "imgate", "simulate", *arguments],
        cwd=imgate.folder,
        env=imgate.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        if said is not None:
            said.append(process.stderr.read())
        process.stdout.close()
        process.stderr.close()


def deliver(told, body, secret):
    message = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
    headers = signed_headers([secret_key(secret)], message, int(time.time()), body)
    return httpx2.post(told["messages"], content=body, headers={**headers, "content-type": "application/xml"}, trust_env=False).status_code


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a simulated partner told that runs."""
    with simulating(Imgate(tmp_path_factory.mktemp("told")), "jobcenter", "--port", "0") as told:
        yield told


def test_it_tells_where_it_is_and_refuses_what_its_adapter_does_not_know(told):
    assert deliver(told, b"<a/>", told["secret"]) == 422
    assert deliver(told, b"<a/>", "whsec_" + "A" * 32) == 401
    assert "Jobcenter" in httpx2.get(told["page"], trust_env=False).text


def test_a_port_that_is_taken_is_named(imgate, told):
    port = told["page"].rpartition(":")[2]
    refused = imgate("simulate", "jobcenter", "--port", port)
    assert (refused.returncode, port in refused.stderr) == (1, True)


def test_it_keeps_the_secret_in_a_file_that_it_makes_and_does_not_print_it(imgate):
    for _ in range(2):
        with simulating(imgate, "jobcenter", "--port", "0", "--secret-file", "jc.secret") as told:
            assert "secret" not in told
            file = imgate.folder / "jc.secret"
            assert file.stat().st_mode & 0o077 == 0
            assert deliver(told, b"<a/>", file.read_text().strip()) == 422


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A gateway of which the Jobcenter has an access; gives its address and the access as it was told."""
    imgate = Imgate(tmp_path_factory.mktemp("served"))
    imgate.configure(PUSHED)
    access = imgate("access", "add", "--role", "partner", "--partner", "jobcenter-rems-murr", "--name", "Probe")
    with imgate.serving("--no-worker") as served:
        yield served.url, access.stdout


def test_it_sends_its_samples_to_a_gateway(imgate, served):
    gateway, access = served
    (imgate.folder / "jc.json").write_text(access)
    to_it = ("--gateway", gateway, "--access", "jc.json")
    with simulating(imgate, "jobcenter", "--port", "0", "--partner", "jobcenter-rems-murr", *to_it) as told:
        sent = httpx2.post(f"{told['page']}/send", json={"sample": "contact_person", "reference": "624D700318"}, trust_env=False)
        assert sent.status_code == 202
        assert sent.json()["problems"] == []
        unknown = httpx2.post(f"{told['page']}/send", json={"sample": "nothing", "reference": "624D700318"}, trust_env=False)
        assert (unknown.status_code, "reference" in unknown.json()["told"]) == (422, False)
        nobody = httpx2.post(f"{told['page']}/send", json={"sample": "contact_person", "reference": " "}, trust_env=False)
        assert (nobody.status_code, nobody.json()["told"]) == (422, "reference must not be empty")


def test_an_access_that_is_not_this_partners_is_refused_at_the_start(imgate, served):
    gateway, access = served
    (imgate.folder / "jc.json").write_text(access)
    (imgate.folder / "no.json").write_text('{"client_id": "nobody", "client_secret": "geheim"}')
    other = imgate("simulate", "jobcenter", "--port", "0", "--gateway", gateway, "--access", "jc.json")
    unknown = imgate("simulate", "jobcenter", "--port", "0", "--gateway", gateway, "--access", "no.json")
    assert (other.returncode, other.stdout) == (1, "")
    assert "This access is not for partner `jobcenter`; name the right one with --partner." in other.stderr
    assert (unknown.returncode, "does not know this access" in unknown.stderr) == (1, True)


def test_a_gateway_that_is_away_is_named_and_waited_for(imgate):
    (imgate.folder / "jc.json").write_text('{"client_id": "a", "client_secret": "geheim"}')
    said = []
    with simulating(imgate, "jobcenter", "--port", "0", "--gateway", "http://127.0.0.1:1", "--access", "jc.json", said=said):
        pass
    assert "The gateway cannot be reached" in said[0]


def test_it_says_what_it_did_not_take_and_why(imgate):
    said = []
    with simulating(imgate, "jobcenter", "--port", "0", "--wrong", "cut_off", said=said) as told:
        deliver(told, b"<a/>", told["secret"])
        deliver(told, b"<a/>", "whsec_" + "A" * 32)
        with pytest.raises(httpx2.RemoteProtocolError):
            deliver(told, b'<n:endOfUse xmlns:n="urn:imgate:notice:1"/>', told["secret"])
        time.sleep(1)
    lines = [line.partition("not taken: ")[2] for line in said[0].splitlines() if "not taken" in line]
    message = "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"
    assert lines == [
        f"422 not valid by the adapter, {message}",
        f"401 signature does not fit, {message}",
        f"200 told to answer so: cut_off, {message}",
    ]
    assert "Traceback" not in said[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["jobcentre"], "did you mean `jobcenter`"),
        (["jobcenter", "--gateway", "http://127.0.0.1:1"], "belong together"),
        (["jobcenter", "--wrong", "politely"], "redirect, oversized, cut_off"),
        (["jobcenter", "--wrong", "redirect", "--status", "500"], "two answers"),
        (["jobcenter", "--port", "0", "--gateway", "http://127.0.0.1:1", "--access", "none.json"], "access add"),
        (["jobcenter", "--port", "0", "--folder", "nowhere"], "no folder"),
        (["jobcenter", "--port", "0", "--secret-file", "nowhere/jc.secret"], "cannot be made"),
        (["jobcenter", "--port", "0", "--secret-file", "."], "no webhook secret"),
        (["jobcenter", "--port", "0", "--gateway", "imgate.example", "--access", "access.json"], "an address such as"),
        (["jobcenter", "--port", "0", "--secret-file", "bad.secret"], "no webhook secret"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_sentence(imgate, arguments, sentence):
    (imgate.folder / "bad.secret").write_text("geheim")
    (imgate.folder / "access.json").write_text('{"client_id": "a", "client_secret": "geheim"}')
    refused = imgate("simulate", *arguments)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert refused.stdout == ""
    assert "geheim" not in refused.stderr
