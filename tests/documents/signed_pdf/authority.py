"""A test authority: a root, an issuing authority below it, signers, time-stampers, revocation lists. Every key is made here."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property

from asn1crypto import crl as asn1_crl
from asn1crypto import keys, x509
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp as cocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

# The day of the examination; everything else is told from it.
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
DAY = timedelta(days=1)

SIGNING = {"digital_signature": True, "content_commitment": True}
AUTHORITY = {"key_cert_sign": True, "crl_sign": True}


@cache
def key_of(kind):
    """Make a key once and use it again: RSA keys are slow to make."""
    name, _, _ = kind.partition("#")
    match name:
        case "rsa1024":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505  # weak on purpose
        case "rsa2048":
            return rsa.generate_private_key(65537, 2048)
        case "rsa3072":
            return rsa.generate_private_key(65537, 3072)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    curves = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "brainpool384": ec.BrainpoolP384R1(),
        "k256": ec.SECP256K1(),
    }
    return ec.generate_private_key(curves[name])


def _usage(names):
    parts = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign")
    rest = ("crl_sign", "encipher_only", "decipher_only")
    return cx.KeyUsage(**{part: part in names for part in (*parts, *rest)})


@dataclass(frozen=True)
class Holder:
    """A certificate with its key."""

    certificate: cx.Certificate
    key: object

    @cached_property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def asn1(self):
        return x509.Certificate.load(self.der)

    @property
    def asn1_key(self):
        return keys.PrivateKeyInfo.load(
            self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


_serials = iter(range(1000, 1_000_000))


def issue(
    issuer,
    name,
    *,
    key="p256",
    usage=SIGNING,
    extended=(),
    valid_from=AT - YEAR,
    valid_until=AT + YEAR,
    ca=False,
    given_surname=None,
    extensions=(),
    digest=None,
):
    """Issue a certificate; without issuer it signs itself."""
    private = key_of(key)
    parts = [cx.NameAttribute(NameOID.COUNTRY_NAME, "DE"), cx.NameAttribute(NameOID.COMMON_NAME, name)]
    if given_surname:
        parts += [cx.NameAttribute(NameOID.GIVEN_NAME, given_surname[0]), cx.NameAttribute(NameOID.SURNAME, given_surname[1])]
    subject = cx.Name(parts)
    signing_key = issuer.key if issuer else private
    builder = (
        cx.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(next(_serials))
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
        .add_extension(cx.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(usage), critical=True)
        .add_extension(cx.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(cx.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if extended:
        builder = builder.add_extension(cx.ExtendedKeyUsage(list(extended)), critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    hashed = None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()
    return Holder(builder.sign(signing_key, hashed), private)


def list_of_revoked(issuer, revoked=(), *, made_at=AT - DAY, next_at=AT + 30 * DAY):
    """Make a revocation list: pairs of certificate holder and day of revocation."""
    builder = cx.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject).last_update(made_at).next_update(next_at)
    builder = builder.add_extension(cx.CRLNumber(1), critical=False)
    builder = builder.add_extension(cx.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    for holder, when in revoked:
        entry = cx.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return asn1_crl.CertificateList.load(builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def answer_about(issuer, holder, *, revoked_at=None, made_at=AT - DAY, next_at=AT + 30 * DAY):
    """Make the issuer's own answer (OCSP) about one certificate."""
    builder = cocsp.OCSPResponseBuilder().add_response(
        cert=holder.certificate,
        issuer=issuer.certificate,
        algorithm=hashes.SHA1(),  # noqa: S303  # what the field uses to name a certificate
        cert_status=cocsp.OCSPCertStatus.GOOD if revoked_at is None else cocsp.OCSPCertStatus.REVOKED,
        this_update=made_at,
        next_update=next_at,
        revocation_time=revoked_at,
        revocation_reason=None,
    )
    builder = builder.responder_id(cocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    answer = builder.sign(issuer.key, hashes.SHA256())
    return asn1_ocsp.OCSPResponse.load(answer.public_bytes(serialization.Encoding.DER))


def where_to_ask():
    """Give the extension that names a responder; only for certificates with it the library reads answers."""
    place = cx.AccessDescription(AuthorityInformationAccessOID.OCSP, cx.UniformResourceIdentifier("http://ocsp.example.org"))
    return (cx.AuthorityInformationAccess([place]), False)


# QcStatements (ETSI EN 319 412-5): qualified, in a secure device, and for signatures or for seals.
_QC = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_COMPLIANCE = bytes.fromhex("3008 0606 04008e460101")
_DEVICE = bytes.fromhex("3008 0606 04008e460104")
_TYPE_SIGNATURE = bytes.fromhex("3013 0606 04008e460106 3009 0607 04008e46010601")
_TYPE_SEAL = bytes.fromhex("3013 0606 04008e460106 3009 0607 04008e46010602")


def qualified_statements(*, seal=False):
    """Give the extension by which a certificate says of itself that it is qualified."""
    statements = _COMPLIANCE + _DEVICE + (_TYPE_SEAL if seal else _TYPE_SIGNATURE)
    return (cx.UnrecognizedExtension(_QC, bytes([0x30, len(statements)]) + statements), False)


class TestAuthority:
    """Root, issuing authority, and whoever it certifies; another root that nobody trusts."""

    __test__ = False

    def __init__(self):
        self.root = issue(None, "Testwurzel", usage=AUTHORITY, ca=True, valid_from=AT - 5 * YEAR, valid_until=AT + 10 * YEAR)
        long = {"valid_from": AT - 4 * YEAR, "valid_until": AT + 9 * YEAR}
        self.issuer = issue(self.root, "Testausstellerin", key="p256#issuer", usage=AUTHORITY, ca=True, **long)
        self.stamper_root = issue(None, "Zeitwurzel", key="p256#ts-root", usage=AUTHORITY, ca=True, **long)
        self.stamper = self.time_stamper()
        self.signer = self.person("Amina Beispiel")

    def person(self, name, **changed):
        """Certify a person."""
        return issue(self.issuer, name, **({"key": "p256#person"} | changed))

    def time_stamper(self, **changed):
        """Certify a time-stamping service."""
        given = {"key": "rsa2048#stamper", "usage": {"digital_signature": True}, "extended": [ExtendedKeyUsageOID.TIME_STAMPING]}
        return issue(self.stamper_root, "Zeitstempel", **(given | {"valid_until": AT + 3 * YEAR} | changed))

    def lists(self, revoked=(), **times):
        """Give the revocation lists of all three authorities."""
        return (
            list_of_revoked(self.root, [pair for pair in revoked if pair[0] is self.issuer], **times),
            list_of_revoked(self.issuer, [pair for pair in revoked if pair[0] is not self.issuer], **times),
            list_of_revoked(self.stamper_root, **times),
        )
