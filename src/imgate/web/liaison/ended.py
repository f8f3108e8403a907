"""The end of use: the partner says that it has ended it, or under which statute it keeps what it has, or that it objects."""

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from imgate.exchange import end_of_use_answers
from imgate.exchange.end_of_use_answers import EndOfUseRequest
from imgate.vocabulary.words import EndOfUseAnswer
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of
from imgate.web.liaison.item import item_page
from imgate.web.paths import Id
from imgate.web.visitors import Liaison

router = APIRouter()


@router.post("/pages/inbox/{id}/end-of-use")
def answer(visitor: Liaison, request: Request, id: Id, form: Form) -> Response:  # noqa: A002  # the path's own word
    """Take the answer to a notice, and thereby acknowledge it. A statute counts only where the answer is about one."""
    said, statute = form.one("answer"), form.one("statute")
    kept = said == EndOfUseAnswer.KEPT_UNDER_STATUTE
    if said not in set(EndOfUseAnswer):
        return item_page(visitor, request, id, status=422, problem="answer", statute=statute)
    try:
        given = EndOfUseRequest.model_validate({"answer": said, "statute": statute if kept else None})
    except ValidationError:
        given = None
    if given is None or (kept and not statute):
        return item_page(visitor, request, id, status=422, problem="statute", answer=said, statute=statute)
    end_of_use_answers.answer(corridor_of(request), call_of(request, visitor), visitor.partner, id, given)
    return RedirectResponse("/pages/inbox?done=end_of_use_answered", 303)
