"""A local stand-in for an XTA 2 server (web service 2.1.1), for the demo and for tests of the ``xta`` transport.

It follows the published WSDL and schemas as far as the transport uses them, and shares no code with the transport: what both had
misunderstood alike would go unseen. It is not an XTA server, and passing against it proves nothing about a real one.
"""

from imgate.conformance.xta.messages import Fault, Held
from imgate.conformance.xta.server import Misbehaviour
from imgate.conformance.xta.stand_in import XtaStandIn

__all__ = ["Fault", "Held", "Misbehaviour", "XtaStandIn"]
