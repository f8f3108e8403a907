"""The baseline: bare FastAPI that validates the same body with the same model and gives it back."""

import sys
from pathlib import Path

from fastapi import FastAPI

from imgate.exchange.requests import ExchangeRequest

# Telemetry off, as in imgate: it would cost the baseline some percent and give it nothing.
app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False})


@app.post("/v1/exchanges", status_code=201)
async def echo(body: ExchangeRequest) -> ExchangeRequest:
    """Validate, and give back."""
    return body


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from benchmarks.servers.listen import listen

    listen(app, int(sys.argv[1]))
