"""What the operator configured to trust, read from files: certificates, revocation lists, trusted lists. Read anew at each examination."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import crl, pem, x509  # type: ignore[import-untyped]

from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.documents.signed_pdf.trusted_lists import ListUnusable, TrustedList, read_list

_CERTIFICATE = "certificate in PEM or DER"
_AUTHORITIES = ("trust_roots", "time_stamp_roots", "intermediates")

Problems = list[tuple[str, int, str]]


class MaterialUnusable(Exception):
    """The operator must act: a file that ``[signatures]`` names cannot be used. Holds setting, place in it, and a sentence each."""

    def __init__(self, problems: Problems) -> None:
        """Take every problem that was found."""
        self.problems = problems
        super().__init__("; ".join(f"signatures.{setting}, file {place + 1} {sentence}" for setting, place, sentence in problems))


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that trust rests on. Only ``read_material`` makes it."""

    roots: tuple[x509.Certificate, ...]
    time_stamp_roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    lists: tuple[TrustedList, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What one file holds, and where the operator named it."""

    setting: str
    place: int
    name: str
    found: list[Any]


def read_material(rules: SignatureRules) -> Material:
    """Read every file that the rules name. Raises MaterialUnusable with all problems at once."""
    opened, problems = _open(rules)
    if problems:
        raise MaterialUnusable(problems)
    return Material(
        roots=_held(opened, "trust_roots"),
        time_stamp_roots=_held(opened, "time_stamp_roots"),
        intermediates=_held(opened, "intermediates"),
        crls=_held(opened, "crls"),
        lists=_held(opened, "trusted_lists"),
    )


def look_over(rules: SignatureRules, at: datetime) -> Problems:
    """Tell what keeps from examining, and what can be read and serves for nothing at ``at``."""
    opened, problems = _open(rules)
    return [*problems, *((file.setting, file.place, f"({file.name}) {sentence}") for file, sentence in _useless(opened, at))]


def _open(rules: SignatureRules) -> tuple[list[_Opened], Problems]:
    opened: list[_Opened] = []
    problems: Problems = []

    def read(setting: str, parse: Callable[[bytes], list[Any]], kind: str) -> None:
        for place, named in enumerate(getattr(rules, setting)):
            file = named
            try:
                for file in _files(named):
                    opened.append(_Opened(setting, place, file.name, parse(file.read_bytes())))
            except OSError as error:
                problems.append((setting, place, f"({file.name}) cannot be read: {error.strerror}"))
            except ListUnusable as error:
                problems.append((setting, place, f"({file.name}) {error}"))
            except Exception:  # noqa: BLE001  # the parsers raise what they like; an operator needs to know which file
                problems.append((setting, place, f"({file.name}) is no {kind}, or holds something else as well"))

    read("trusted_list_signers", _certificates, _CERTIFICATE)
    read("trust_roots", _certificates, _CERTIFICATE)
    read("time_stamp_roots", _certificates, _CERTIFICATE)
    read("intermediates", _certificates, _CERTIFICATE)
    read("crls", _crls, "revocation list in PEM or DER")
    signers = _held(opened, "trusted_list_signers")
    read("trusted_lists", lambda content: [read_list(content, signers)], "trusted list")
    return opened, problems


def _held(opened: Iterable[_Opened], setting: str) -> tuple[Any, ...]:
    return tuple(one for file in opened if file.setting == setting for one in file.found)


def _useless(opened: Iterable[_Opened], at: datetime) -> Iterator[tuple[_Opened, str]]:
    """Find what is read and refuses honest signers all the same."""
    newest: dict[object, tuple[_Opened, crl.CertificateList]] = {}
    for file in opened:
        if file.setting in _AUTHORITIES and not all(_is_authority(one) for one in file.found):
            yield file, "holds a certificate that is no authority's: name the authority that issued it"
        if file.setting == "trusted_lists":
            for one in file.found:
                if not one.in_force(at):
                    yield file, f"is in force from {_day(one.issued_at)} to {_day(one.next_update_at)}, and vouches for nobody now"
        if file.setting == "crls":
            for one in file.found:
                if _about(one) not in newest or _made_at(one) > _made_at(newest[_about(one)][1]):
                    newest[_about(one)] = file, one
    # Older lists may stay beside newer ones, for signatures of their time.
    for file, one in newest.values():
        ends_at = one["tbs_cert_list"]["next_update"].native
        if ends_at is not None and ends_at < at:
            yield file, f"holds a revocation list that ran out on {_day(ends_at)}: fetch a newer one"


def _is_authority(certificate: x509.Certificate) -> bool:
    """Certificates before version 3 do not say what they are."""
    return bool(certificate.ca) or certificate["tbs_certificate"]["version"].native != "v3"


def _about(one: crl.CertificateList) -> tuple[object, ...]:
    """Tell which lists follow each other: an authority may have several keys, and divide its list into parts."""
    part = one.issuing_distribution_point_value
    return one.issuer.hashable, one.authority_key_identifier, None if part is None else part.dump()


def _made_at(one: crl.CertificateList) -> datetime:
    made_at: datetime = one["tbs_cert_list"]["this_update"].native
    return made_at


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _files(named: Path) -> list[Path]:
    """Give the file, or every XML file of a folder: trusted lists come by the dozen. Raises ListUnusable for a folder without."""
    if not named.is_dir():
        return [named]
    found = sorted(named.glob("*.xml"))
    if not found:
        raise ListUnusable("is a folder without any *.xml")
    return found


def _certificates(content: bytes) -> list[x509.Certificate]:
    return _all(content, x509.Certificate)


def _crls(content: bytes) -> list[crl.CertificateList]:
    return _all(content, crl.CertificateList)


def _all(content: bytes, kind: Any) -> list[Any]:
    """Read one DER, or as many PEM blocks as there are. Raises ValueError."""
    found = [kind.load(der, strict=True) for der in _ders(content)]
    for one in found:
        one.native  # noqa: B018  # asn1crypto parses only what it is asked for, and would fail later
    if not found:
        raise ValueError("nothing in it")
    return found


def _ders(content: bytes) -> Iterator[bytes]:
    if pem.detect(content):
        yield from (der for _, _, der in pem.unarmor(content, multiple=True))
    else:
        yield content
