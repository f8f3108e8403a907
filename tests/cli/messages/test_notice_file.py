"""A notice of the end of use that another office exported as a file is taken like its messages."""

import json

from tests.exchange.noticing import notice

NEUSTADT = """
[gateway]
id = "im-neustadt"
name = "Neustadt"

[partners.im-altstadt]
adapter = "nachbar"
name = "Altstadt"
"""


def test_a_notice_is_handed_in_as_a_file_whatever_the_adapters_format(imgate):
    imgate.configure(NEUSTADT)
    imgate.access("auditor")
    (imgate.folder / "notice.xml").write_bytes(notice("plan.goals", reference="UMZUG-7K3F-9Q2M"))
    done = imgate("messages", "import", "im-altstadt", "notice.xml")
    said = json.loads(done.stdout)
    assert ([receipt["outcome"] for receipt in said["receipts"]], said["unknown"], said["problems"]) == (["taken"], 1, [])


def test_a_notice_is_shown_before_anything_of_it_is_taken(imgate):
    imgate.configure(NEUSTADT)
    imgate.access("auditor")
    (imgate.folder / "notice.xml").write_bytes(notice("plan.goals", reference="UMZUG-7K3F-9Q2M"))
    said = json.loads(imgate("messages", "import", "im-altstadt", "notice.xml", "--dry-run").stdout)
    assert (said["messages"], said["people"], said["refused"], said["scopes"], said["problems"]) == (1, 1, 0, {}, [])
