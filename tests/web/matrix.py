"""Every route of the pages with who may go there, and a gateway on which every id in an address is somebody's."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi.routing import APIRoute

from imgate.bootstrap.checkpoints import sign_now
from imgate.exchange import end_of_use_lists
from imgate.exchange.client_page import code_on_copy, give_number, make_page
from imgate.exchange.scope_requests import open_requests
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Role, UserRole
from tests.exchange.conftest import CLIENT, CONTACT, JOBCENTER, PROPOSAL, REFERENCE, message

STRANGER, CLIENTS_PAGE = "stranger", "client"
LIAISON, MANAGER, OFFICE = UserRole.LIAISON, UserRole.INTEGRATION_MANAGER, UserRole.OFFICE
VISITORS = (STRANGER, CLIENTS_PAGE, LIAISON, MANAGER, OFFICE)
EVERYBODY, COLLEAGUES = frozenset(VISITORS), frozenset(UserRole)
OTHER, OTHERS_REFERENCE = "K-2026-2202", "355A000999"
_DAY = timedelta(days=1)
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Route:
    """One route. ``confirmed``: only for who has shown lately that it is still they."""

    method: str
    path: str
    may: frozenset
    confirmed: bool = False

    @property
    def names(self):
        """Name what stands in braces."""
        return re.findall(r"\{([a-z]+)", self.path)

    def filled(self, ids):
        """Give the path with these ids."""
        return re.sub(r"\{([a-z]+)[^}]*\}", lambda found: str(ids[found.group(1)]), self.path)

    def __str__(self):
        return f"{self.method} {self.path}"


def _rows(may, text, *, confirmed=False):
    for line in text.split("\n"):
        methods, _, path = line.strip().partition(" ")
        for method in methods.split("+") if path else ():
            yield Route(method, path.strip(), frozenset(may), confirmed)


_DECLARATION = "/pages/clients/{case}/declarations/{declaration}"
TABLE = (
    *_rows(
        EVERYBODY,
        """GET /pages/static/{digest}/{name:path}
        POST /pages/language
        POST /pages/sign-out
        GET+POST /pages/sign-in
        POST /pages/sign-in/passkey/begin
        POST /pages/sign-in/passkey
        GET /pages/sign-in/openid
        GET /pages/sign-in/openid/callback
        GET+POST /pages/enrol
        GET+POST /pages/enrol/set-up
        POST /pages/enrol/passkey/begin
        POST /pages/enrol/passkey
        GET+POST /pages/client
        POST /pages/client/close""",
    ),
    *_rows(
        {CLIENTS_PAGE},
        """GET /pages/client/mine
        GET /pages/client/mine/disclosures.pdf
        GET /pages/client/mine/looks
        GET+POST /pages/client/mine/{declaration}/revoke
        GET /pages/client/mine/{declaration}/revoke/{key}""",
    ),
    *_rows(
        COLLEAGUES,
        """GET /pages
        GET+POST /pages/confirm
        GET /pages/confirm/openid
        POST /pages/confirm/passkey/begin
        POST /pages/confirm/passkey
        GET /pages/account
        POST /pages/account/language
        POST /pages/account/sign-out-everywhere""",
    ),
    *_rows(
        COLLEAGUES,
        """POST /pages/account/passkeys/begin
        POST /pages/account/passkeys
        POST /pages/account/passkeys/remove""",
        confirmed=True,
    ),
    *_rows(
        {LIAISON},
        """GET /pages/inbox
        GET+POST /pages/search
        GET /pages/inbox/{id}
        GET /pages/inbox/{id}/print
        GET /pages/inbox/{id}/pdf
        GET /pages/inbox/{id}/file
        POST /pages/inbox/{id}/ack
        POST /pages/inbox/{id}/reject
        POST /pages/inbox/{id}/ask
        POST /pages/inbox/{id}/end-of-use
        GET /pages/inbox/{id}/answer
        GET+POST /pages/inbox/{id}/answer/{scope}
        GET /pages/inbox/{id}/answered/{answer}
        GET+POST /pages/notifications
        POST /pages/notifications/trial""",
    ),
    *_rows(
        {MANAGER},
        f"""GET /pages/desk
        GET /pages/desk/{{listed}}
        POST /pages/desk/exchanges/{{exchange}}
        GET+POST /pages/clients
        GET /pages/clients/{{case}}
        GET+POST /pages/clients/{{case}}/declarations/new
        POST /pages/clients/{{case}}/declarations
        GET {_DECLARATION}
        GET {_DECLARATION}/form.pdf
        GET {_DECLARATION}/copy.pdf
        GET+POST {_DECLARATION}/renew
        GET+POST {_DECLARATION}/revoke
        GET {_DECLARATION}/revoke/{{key}}
        GET+POST {_DECLARATION}/pause
        GET {_DECLARATION}/pause/{{key}}
        POST {_DECLARATION}/resume
        GET {_DECLARATION}/resume/{{key}}
        GET+POST /pages/clients/{{case}}/send
        POST /pages/clients/{{case}}/send/preview
        POST /pages/clients/{{case}}/send/link
        POST /pages/clients/{{case}}/send/message
        GET+POST /pages/clients/{{case}}/correction
        POST /pages/clients/{{case}}/correction/preview
        GET /pages/clients/{{case}}/disclosures.pdf
        GET /pages/clients/{{case}}/exchanges
        GET /pages/clients/{{case}}/exchanges/{{exchange}}
        GET+POST /pages/clients/{{case}}/links/{{partner}}
        POST /pages/clients/{{case}}/links/{{partner}}/removal
        POST /pages/clients/{{case}}/own-page/make
        POST /pages/clients/{{case}}/own-page/renew
        POST /pages/clients/{{case}}/own-page/lock
        POST /pages/clients/{{case}}/own-page/number
        GET /pages/received
        GET /pages/received/intake
        GET /pages/received/{{item}}/calendar
        POST /pages/received/{{item}}/ack
        POST /pages/received/intake/{{receipt}}/{{line}}/link
        GET /pages/requests
        POST /pages/requests/{{wish}}/decline
        GET+POST /pages/ends-of-use/{{revocation}}""",
    ),
    *_rows({MANAGER}, f"GET+POST {_DECLARATION}/sign", confirmed=True),
    *_rows(
        {OFFICE},
        """GET /pages/office
        GET /pages/office/partners
        GET /pages/office/plugins
        GET /pages/office/deliveries
        GET /pages/office/deliveries/{exchange}
        GET /pages/office/log
        POST /pages/office/log/verify
        GET+POST /pages/office/log/checkpoints
        GET /pages/office/log/checkpoints/{size}
        GET /pages/office/log/checkpoints/{size}/time-stamp
        POST /pages/office/log/export
        GET+POST /pages/office/what-if
        POST /pages/office/what-if/compare
        GET /pages/office/what-if/{exchange}
        GET+POST /pages/office/looks
        GET+POST /pages/office/disclosures
        POST /pages/office/disclosures/pdf
        POST /pages/office/disclosures/json
        GET /pages/office/openings
        GET /pages/office/users
        GET /pages/office/papers
        GET /pages/office/papers/blank
        GET+POST /pages/office/papers/changes
        GET /pages/office/papers/{paper}
        GET /pages/office/papers/{paper}/markdown
        GET /pages/office/papers/{paper}/pdf
        GET /pages/office/retention
        GET /pages/office/keys""",
    ),
    *_rows(
        {OFFICE},
        """POST /pages/office/deliveries/{exchange}/retry
        POST /pages/office/retention/sweep
        POST /pages/office/disclosures/export
        POST /pages/office/disclosures/erasure
        POST /pages/office/disclosures/erased
        POST /pages/office/openings/confirm
        POST /pages/office/openings/withdraw
        POST /pages/office/users
        POST /pages/office/users/{user}/enrolment
        POST /pages/office/users/{user}/revocation
        POST /pages/office/accesses/{access}/revocation""",
        confirmed=True,
    ),
)
# What each form says that would change something, were the ids right. A form that is not named here is sent with its key alone.
FORMS = {
    "/pages/search": {"reference": REFERENCE},
    "/pages/inbox/{id}/reject": {"why": "not_for_me"},
    "/pages/inbox/{id}/ask": {"scopes": "work.status"},
    "/pages/inbox/{id}/end-of-use": {"answer": "ended"},
    "/pages/inbox/{id}/answer/{scope}": {"step": "send", "value-0-at": "2026-04-01T09:30", "value-0-with": "Fr. Kälberer"},
    "/pages/clients": {"reference": CLIENT},
    "/pages/clients/{case}/declarations/new": {"template": "jobcenter-rems-murr/labour_market_integration"},
    "/pages/clients/{case}/links/{partner}": {"reference": "355A77"},
    f"{_DECLARATION}/revoke": {"what": "all"},
    "/pages/client/mine/{declaration}/revoke": {"what": "all"},
    "/pages/received/intake/{receipt}/{line}/link": {"client": CLIENT},
    "/pages/ends-of-use/{revocation}": {"answer": "ended"},
    "/pages/office/what-if/compare": {"since": "2026-03-01"},
    "/pages/office/disclosures": {"client": CLIENT},
    "/pages/office/disclosures/pdf": {"client": CLIENT},
    "/pages/office/disclosures/json": {"client": CLIENT},
    "/pages/office/disclosures/export": {"client": CLIENT},
    "/pages/office/disclosures/erasure": {"client": CLIENT},
    "/pages/office/disclosures/erased": {"client": CLIENT, "again": CLIENT},
    "/pages/office/looks": {"client": CLIENT},
    "/pages/office/users": {"role": "office", "name": "X", "login": "x"},
}


def form_of(route):
    """Fill in the form of a route."""
    return {"key": new_id()} | FORMS.get(route.path, {})


def routes_of(pages):
    """Walk over every route that there is."""
    return {(method, route.path) for route in _flat(pages.app._pages._app.routes) for method in route.methods - {"HEAD"}}


def _flat(routes):
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _flat(getattr(route, "routes", ()) or getattr(getattr(route, "original_router", None), "routes", ()))


@dataclass
class Inhabited:
    """Two clients of whom there is something everywhere: the ids of one, and of the other where that is somebody else's."""

    pages: object
    ids: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)

    def browser(self, visitor, *, confirmed=True):
        """Give the browser of a visitor; the integration manager's has the client open, under the ids."""
        if visitor == STRANGER:
            return self.pages.stranger()
        if visitor == CLIENTS_PAGE:
            return self._on_page()
        browser = self.pages.visit(visitor, confirmed=confirmed)
        if visitor == MANAGER:
            self.ids["case"] = _opened(browser, CLIENT)
        return browser

    def _on_page(self):
        browser, corridor = self.pages.stranger(), self.pages.corridor
        code, number = code_on_copy(corridor, self.ids["declaration"]), give_number(corridor, "manager", CLIENT, _DAY)
        assert browser.post("/pages/client", {"code": code, "number": number}).path == "/pages/client/mine"
        return browser


def inhabit(pages):
    """Have something of everything, and know its ids."""
    house = Inhabited(pages)
    ids, others, liaison = house.ids, house.others, pages.liaison()
    for client, reference, known in ((CLIENT, REFERENCE, ids), (OTHER, OTHERS_REFERENCE, others)):
        pages.link(reference, client=client)
        known["declaration"] = pages.declare("language.level", "contact_persons.jobcenter", "work.proposals", client=client)
        known["exchange"] = known["id"] = pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, client=client)["id"]
    answered = liaison.get(f"/pages/inbox/{ids['id']}/answer/contact_persons.jobcenter")
    typed = {"value-unit": "Team 412", "value-name-family": "Müßig", "value-channels-0-kind": "phone", "value-channels-0-value": "0715 1"}
    ids["answer"] = answered.send("Weiter zur Durchsicht", **typed).send("Antwort senden").path.rpartition("/")[2]
    liaison.post(f"/pages/inbox/{ids['id']}/ask", {"scopes": "work.status"})
    ids["wish"] = open_requests(pages.corridor, Cursor())["items"][0]["id"]
    pages.post(message(JOBCENTER, REFERENCE, PROPOSAL))
    ids["receipt"], ids["line"] = pages.post(message(JOBCENTER, "NIEMAND-1", CONTACT)), 1
    pages.work()
    ids["item"] = pages.inbox()[0]["id"]
    _end_something(house, liaison)
    make_page(pages.corridor, "manager", CLIENT)
    ids["key"] = _paused(house)
    ids["user"] = pages.user(MANAGER, login="zweite", name="Ada Amt").id
    ids["access"] = pages.gateway.store.access.add(Role.CASE_SYSTEM, None, "Fallsystem", pages.now, "operator")[0].client_id
    ids |= {"scope": "appointments.upcoming", "listed": "waiting", "partner": JOBCENTER, "paper": "processing"}
    ids["size"] = sign_now(pages.gateway).checkpoint.size
    ids |= {"digest": "000000000000", "name": "imgate.css", "case": new_id()}
    return house


def _end_something(house, liaison):
    pages = house.pages
    pages.link("355A000444", client="K-2026-4404")
    ended = pages.declare("language.level", client="K-2026-4404")
    sent = pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, client="K-2026-4404")["id"]
    liaison.get(f"/pages/inbox/{sent}").send("Erhalt bestätigen")
    pages.later(minutes=1)
    pages.revoke(ended)
    house.ids["revocation"] = end_of_use_lists.page(pages.corridor, Cursor(), unanswered=True)["items"][0]["id"]


def _paused(house):
    """Pause and resume by the manager's form; give the key of both, under which the outcome is shown."""
    browser, key = house.pages.manager(), new_id()
    path = f"/pages/clients/{_opened(browser, CLIENT)}/declarations/{house.ids['declaration']}"
    for act in ("pause", "resume"):
        assert browser.post(f"{path}/{act}", {"key": key}).status == 200
    return key


def _opened(browser, client):
    return browser.post("/pages/clients", {"reference": client}, follow=False).headers["location"].rpartition("/")[2]


def said_to(answer):
    """Give what an answer says in whole, but for its own path and the ids in it: status, headers and content."""
    path = answer.request.url.path
    body, headers = answer.content.decode().replace(path, "-"), {name: said.replace(path, "-") for name, said in answer.headers.items()}
    headers.pop("content-length", None)  # the path stands in the page
    headers["set-cookie"] = re.sub(r"(?i)expires=[^;]*", "", headers.get("set-cookie", ""))  # the second of now
    return answer.status_code, tuple(sorted(headers.items())), _IDS.sub("-", body)
