"""A local stand-in for FIT-Connect: the submission service with one destination, and the receiver behind it.

Made after the service's documentation and public code that has met its test environment; it is no proof that the real service does
the same. Status codes and problem types of what is refused are in part assumptions.
"""

from imgate.conformance.fit_connect.stand_in import FitConnectStandIn

__all__ = ["FitConnectStandIn"]
