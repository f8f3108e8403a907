"""What the operator configured to trust, read from files: certificates, revocation lists, trusted lists. Read anew at each examination."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import crl, pem, x509  # type: ignore[import-untyped]

from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.documents.signed_pdf.trusted_lists import ListUnusable, TrustedList, read_list


class MaterialUnusable(Exception):
    """The operator must act: a file that ``[signatures]`` names cannot be used. Holds setting, place in it, and a sentence each."""

    def __init__(self, problems: list[tuple[str, int, str]]) -> None:
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


def read_material(rules: SignatureRules) -> Material:
    """Read every file that the rules name. Raises MaterialUnusable with all problems at once."""
    problems: list[tuple[str, int, str]] = []

    def read(setting: str, parse: Callable[[bytes], list[Any]]) -> tuple[Any, ...]:
        found: list[Any] = []
        for place, named in enumerate(getattr(rules, setting)):
            try:
                for file in _files(named):
                    found += parse(file.read_bytes())
            except OSError:
                problems.append((setting, place, "cannot be read"))
            except ListUnusable as error:
                problems.append((setting, place, str(error)))
            except Exception as error:  # noqa: BLE001  # the parsers raise what they like; an operator needs to know which file
                problems.append((setting, place, f"is not what it should be: {type(error).__name__}"))
        return tuple(found)

    signers = read("trusted_list_signers", _certificates)
    material = Material(
        roots=read("trust_roots", _certificates),
        time_stamp_roots=read("time_stamp_roots", _certificates),
        intermediates=read("intermediates", _certificates),
        crls=read("crls", _crls),
        lists=read("trusted_lists", lambda content: [read_list(content, signers)]),
    )
    if problems:
        raise MaterialUnusable(problems)
    return material


def _files(named: Path) -> list[Path]:
    """Give the file, or every XML file of a folder: trusted lists come by the dozen."""
    return sorted(named.glob("*.xml")) if named.is_dir() else [named]


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
