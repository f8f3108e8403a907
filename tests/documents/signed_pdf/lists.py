"""Trusted lists for tests (ETSI TS 119 612), signed as the real ones are."""

import base64

from cryptography.hazmat.primitives import serialization
from lxml import etree
from signxml import CanonicalizationMethod, SignatureMethod, methods
from signxml.xades import XAdESSigner

from tests.documents.signed_pdf.authority import AT, DAY, YEAR

NAMESPACE = "http://uri.etsi.org/02231/v2#"
_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
_TYPE = "http://uri.etsi.org/TrstSvc/Svctype/"
_FOR_SIGNATURES = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"


def service(holder, *, kind="CA/QC", status="granted", since=AT - 2 * YEAR, before=None):
    """Describe one service; ``before`` is its earlier status and since when that was."""
    certificate = base64.b64encode(holder.der).decode()
    history = ""
    if before is not None:
        history = f"<ServiceHistory><ServiceHistoryInstance>{_about(kind, certificate, *before)}</ServiceHistoryInstance></ServiceHistory>"
    return f"<TSPService><ServiceInformation>{_about(kind, certificate, status, since)}</ServiceInformation>{history}</TSPService>"


def _about(kind, certificate, status, since):
    extension = ""
    if kind == "CA/QC":
        extension = (
            '<ServiceInformationExtensions><Extension Critical="false"><AdditionalServiceInformation>'
            f'<URI xml:lang="en">{_FOR_SIGNATURES}</URI></AdditionalServiceInformation></Extension></ServiceInformationExtensions>'
        )
    return (
        f"<ServiceTypeIdentifier>{_TYPE}{kind}</ServiceTypeIdentifier>"
        '<ServiceName><Name xml:lang="en">Testdienst</Name></ServiceName>'
        f"<ServiceDigitalIdentity><DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId></ServiceDigitalIdentity>"
        f"<ServiceStatus>{_STATUS}{status}</ServiceStatus><StatusStartingTime>{since:%Y-%m-%dT%H:%M:%SZ}</StatusStartingTime>{extension}"
    )


def list_of(*services, issued_at=AT - 10 * DAY, next_at=AT + 100 * DAY, number=7):
    """Write an unsigned list."""
    return (
        f'<TrustServiceStatusList xmlns="{NAMESPACE}" Id="liste"><SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier>'
        f"<TSLSequenceNumber>{number}</TSLSequenceNumber><SchemeTerritory>DE</SchemeTerritory>"
        f"<ListIssueDateTime>{issued_at:%Y-%m-%dT%H:%M:%SZ}</ListIssueDateTime>"
        f"<NextUpdate><dateTime>{next_at:%Y-%m-%dT%H:%M:%SZ}</dateTime></NextUpdate></SchemeInformation>"
        "<TrustServiceProviderList><TrustServiceProvider><TSPInformation/>"
        f"<TSPServices>{''.join(services)}</TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>"
    ).encode()


def signed_list(publisher, *services, **changed):
    """Write a list with its publisher's signature in it."""
    signer = XAdESSigner(
        method=methods.enveloped,
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    key = publisher.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    root = etree.fromstring(list_of(*services, **changed))
    return etree.tostring(signer.sign(root, key=key, cert=publisher.pem.decode()))
