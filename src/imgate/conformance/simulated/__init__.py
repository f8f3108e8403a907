"""Simulated partners: each a real HTTP server on this machine, for the demo, for tests and for authors of plugins.

Owns how a partner behaves: takes, refuses, is slow, answers wrongly, sends its own messages. Never part of a running gateway.
"""

from imgate.conformance.simulated.behaviour import Behaviour, WrongAnswer
from imgate.conformance.simulated.page import Holder, Received, Refused, Why, page
from imgate.conformance.simulated.partner import SimulatedPartner
from imgate.conformance.simulated.samples import Sample, samples_of

__all__ = ["Behaviour", "Holder", "Received", "Refused", "Sample", "SimulatedPartner", "Why", "WrongAnswer", "page", "samples_of"]
