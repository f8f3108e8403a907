"""What XML adapters have in common: the published code lists by their real identifiers, and shapes that more than one partner uses.

One place, so that two adapters cannot come to mean different versions of a list. Versions are those that were current when these
shapes were made. A newer version of a list makes a newer version of a message: what a code means is never guessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import assert_never

from imgate.plugin_api.xml import XmlItem
from imgate.plugin_api.xml_shapes import Code, Flag, Group, ListedCode, Many, Number, Shape, Text, texts


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


# The fine title stands in one of these lists of the AZR; each message names the list and its version.
TITLE_LISTS = (
    "urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis",
    "urn:de:xauslaender:codelist:azr:niederlassungserlaubnis",
    "urn:de:xauslaender:codelist:azr:aufenthaltsgestattung",
    "urn:de:xauslaender:codelist:azr:artderduldung",
    "urn:de:xauslaender:codelist:azr:aufenthaltsstatus",
)


def residence_title(tag: str) -> ListedCode:
    """AZR, the fine title. It lets the grounds of flight be guessed, so it is a scope of its own."""
    return ListedCode(tag, TITLE_LISTS)


def jobcenter_unit(tag: str) -> Code:
    """Bundesagentur für Arbeit, numbers of service units; the list has no version that could be looked up."""
    return Code(tag, "urn:de:bund:ba:codelist:integration:ba.dienststellen", None)


def auslaenderbehoerde_unit(tag: str) -> Code:
    """XAusländer, numbers of Ausländerbehörden; the list has no version that could be looked up."""
    return Code(tag, "urn:de:xauslaender:codelist:abhkennung", None)


def address(tag: str) -> Group:
    """An address in Germany, with the mark of an information block (§ 51 BMG)."""
    lines = texts("street", "house_number", "postal_code", "city")
    return Group(tag, lines | {"ags": municipality("municipality"), "information_block": Flag("informationBlock")})


def contact_person(tag: str, unit_number: Code | Text) -> Group:
    """A contact person, after the one in XAusländer's integration part.

    Kinds of channels are the record's own words: the list ``urn:de:xoev:codeliste:erreichbarkeit`` knows neither post nor a telephone
    of which nobody said whether it is a mobile one.
    """
    name = Group("name", texts("family", "given"))
    channels = Many("channels", Group("channel", texts("kind", "value", "note")))
    return Group(tag, texts("unit") | {"unit_number": unit_number} | texts("organisation_sign") | {"name": name, "channels": channels})


def code_lists(items: Iterable[XmlItem]) -> Mapping[tuple[str, str | None], tuple[str, ...]]:
    """Tell which published lists a table uses: address and version, with the scopes in the table's order.

    This is what the manifest's ``[[code_lists]]`` say. The version is None where the list has none that is known, or where each
    message names it.
    """
    used: dict[tuple[str, str | None], dict[str, None]] = {}
    for item in items:
        for code_list in () if item.shape is None else _lists(item.shape):
            used.setdefault(code_list, {})[item.scope] = None
    return MappingProxyType({code_list: tuple(scopes) for code_list, scopes in used.items()})


def _lists(shape: Shape) -> Iterator[tuple[str, str | None]]:
    match shape:
        case Code(list_uri=uri, list_version=version):
            yield uri, version
        case ListedCode(lists=lists):
            yield from ((uri, None) for uri in lists)
        case Group(leaves=leaves):
            for leaf in leaves.values():
                yield from _lists(leaf)
        case Many(each=each):
            yield from _lists(each)
        case Text() | Number() | Flag():
            return
        case _:
            assert_never(shape)
