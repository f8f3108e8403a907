"""Read the notices of the end of use that wait in a partner's box."""

import asyncio
import base64

from lxml import etree

from imgate.exchange import delivery, end_of_use, end_of_use_answers, end_of_use_lists
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone, EndOfUseRequest
from imgate.exchange.notice import NAMESPACE
from imgate.exchange.stored import Cursor
from tests.exchange.conftest import JOBCENTER

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
STATUS = {"residence": {"status": {"code": "1", "since": "2024-05-02"}}}
BOTH = LEVEL | STATUS


def notice(content):
    """Give a notice's leaves by name, None where this is none."""
    root = etree.fromstring(content)
    if root.tag != f"{{{NAMESPACE}}}endOfUse":
        return None
    return {etree.QName(leaf).localname: leaf.text for leaf in root}


def notices(world, partner=JOBCENTER):
    """Fetch the box; give what of it is a notice."""
    told = [notice(base64.b64decode(item["content"])) for item in world.outbox(partner)]
    return [each for each in told if each is not None]


def scopes(world, partner=JOBCENTER):
    """Fetch the box; give the scopes of each notice."""
    return [told["scopes"].split() for told in notices(world, partner)]


def runs(world, *, unanswered=None):
    """List the revocations."""
    return end_of_use_lists.page(world.corridor, Cursor(), unanswered=unanswered)["items"]


def run(world):
    """Give the one revocation that there is."""
    (only,) = runs(world)
    return only


def answer(world, message, said, statute=None, partner=JOBCENTER):
    """Answer as the partner does."""
    request = EndOfUseRequest.model_validate({"answer": said, "statute": statute})
    end_of_use_answers.answer(world.corridor, world.call(), partner, message, request)


def by_telephone(world, revocation, said, **more):
    """Answer as the case system does for the partner."""
    request = EndOfUseByTelephone.model_validate({"answer": said} | more)
    end_of_use_answers.answer_by_telephone(world.corridor, world.call(), revocation, request)


def remind(world, days=14, most=3):
    """Take the worker's step."""
    return end_of_use.remind(world.corridor, days, most)


def deliver(world):
    """Take the other one."""
    return asyncio.run(delivery.deliver_due(world.corridor))
