"""The published code lists that these messages use, by their real identifiers.

Versions are those that were current when this version of the message was made. A newer version of a list makes a newer version of
the message: what a code means is never guessed.
"""

from imgate.plugin_api.xml import Code


def nationality(tag: str) -> Code:
    """Destatis, three digits (997 stateless, 998 unclear, 999 not stated)."""
    return Code(tag, "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit", "2024-08-01")


def municipality(tag: str) -> Code:
    """Destatis, the eight digits of the Amtlicher Gemeindeschlüssel."""
    return Code(tag, "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags", "2026-04-30")


def language(tag: str) -> Code:
    """ISO 639-3, named as RFC 5141 names ISO standards; XAusländer's own list lacks some of its languages."""
    return Code(tag, "urn:iso:std:iso:639:-3", "2007")


def sex(tag: str) -> Code:
    """XInneres: m, w, d, x."""
    return Code(tag, "urn:xoev-de:xinneres:codeliste:geschlecht", "1")


def residence_status(tag: str) -> Code:
    """BAMF, the coarse list 1-7: the one to exchange by default (data minimisation)."""
    return Code(tag, "urn:de:bund:bamf:codelist:berd:aufenthaltsstatus", "Version2")


def work_permission(tag: str) -> Code:
    """XAusländer, Nebenbestimmungen zur Beschäftigung, 01-05."""
    return Code(tag, "urn:de:xauslaender:codelist:nebenbestimmungen:beschaeftigung", "2")


def domicile_restriction(tag: str) -> Code:
    """AZR, Wohnsitzauflage: the paragraph it rests on."""
    return Code(tag, "urn:de:xauslaender:codelist:azr:wohnsitzauflage", "4")


def jobcenter_unit(tag: str) -> Code:
    """Bundesagentur für Arbeit, numbers of service units; the list has no version that could be looked up."""
    return Code(tag, "urn:de:bund:ba:codelist:integration:ba.dienststellen", None)
