"""Genericode files as tests need them: the smallest that is read, with one thing different."""

from pathlib import Path

FILE = Path(__file__).parent / "beispielstufen.xml"
URI = "urn:imgate:example:codelist:beispielstufen"
NAMESPACE = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"

IDENTIFICATION = (
    f"<Identification><ShortName>b</ShortName><Version>1</Version><CanonicalUri>{URI}</CanonicalUri>"
    f"<CanonicalVersionUri>{URI}_1</CanonicalVersionUri></Identification>"
)
COLUMNS = '<Column Id="c" Use="required"/><Column Id="n" Use="optional"/>'
KEY = '<Key Id="k"><ColumnRef Ref="c"/></Key>'


def row(**cells: str) -> str:
    """Write one row."""
    values = "".join(f'<Value ColumnRef="{column}"><SimpleValue>{cell}</SimpleValue></Value>' for column, cell in cells.items())
    return f"<Row>{values}</Row>"


ROWS = row(c="1", n="eins") + row(c="2")


def document(
    *, identification: str = IDENTIFICATION, columns: str = COLUMNS, key: str = KEY, rows: str = ROWS, column_set: str = ""
) -> bytes:
    """Write one file."""
    described = column_set or f"<ColumnSet>{columns}{key}</ColumnSet>"
    whole = f'<g:CodeList xmlns:g="{NAMESPACE}">\n{identification}\n{described}\n<SimpleCodeList>\n{rows}\n</SimpleCodeList></g:CodeList>'
    return whole.encode()


def version(number: str, *, name: str = "eins", uri: str = URI, last_column: str = "", last_day: str = "") -> bytes:
    """Write one version of the list with one code."""
    columns = COLUMNS + (f'<Column Id="{last_column}"/>' if last_column else "")
    cells = {"c": "1", "n": name} | ({last_column: last_day} if last_column else {})
    identification = IDENTIFICATION.replace("<Version>1<", f"<Version>{number}<").replace(URI, uri)
    return document(identification=identification, columns=columns, rows=row(**cells))
