"""The gateway at a glance: what is well, what somebody has to see to, and the deliveries of the last weeks as a picture."""

from fastapi import APIRouter, Request, Response

from imgate.audit.events import EventName
from imgate.exchange.overview import deliveries_by_day, ending_soon, overdue, standings
from imgate.web.house import corridor_of, house_of, today
from imgate.web.office.charts import GROUPS, HEIGHT, WIDTH, bars
from imgate.web.office.trail import last_times
from imgate.web.office.verification import verification_of
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

RANGES = (30, 90)
_SIGNS_OF_LIFE = (EventName.DELIVERY_ENDED, EventName.MESSAGE_TAKEN, EventName.GATEWAY_STARTED)


@router.get("/pages/office")
def show_overview(request: Request, visitor: Office) -> Response:
    """Show how the gateway stands."""
    corridor, settings = corridor_of(request), house_of(request).gateway.settings
    asked = request.query_params.get("days", "")
    days = next((span for span in RANGES if str(span) == asked), RANGES[0])
    on = today(corridor)
    times, looked_back_to = last_times(house_of(request).gateway.store, _SIGNS_OF_LIFE)
    return page(
        request,
        "office/overview.html",
        standings=tuple(standings(corridor).values()),
        partners=corridor.partners,
        now=corridor.clock(),
        embedded=settings.database.is_sqlite,
        times=times,
        looked_back_to=looked_back_to,
        verified=verification_of(request).last,
        due_keys=len(house_of(request).gateway.keyring.due(on)),
        ending=ending_soon(corridor, corridor.remind_days),
        remind_days=corridor.remind_days,
        overdue=overdue(corridor, settings.retention.message_days),
        picture=bars(deliveries_by_day(corridor, days), on, days),
        groups={group: text for group, (text, _states) in GROUPS.items()},
        size=(WIDTH, HEIGHT),
        days=days,
        ranges=RANGES,
    )
