"""What a form may hold: for each kind of dictionary in a PDF its keys, and of what kind is what lies under them (ISO 32000-2).

An allow-list: what is not named here is refused, also what nobody has thought of yet. The kinds are what this gateway sets and what
signing adds. Left out on purpose is whatever acts, moves, plays, hides, lies in another file, or is another one on paper than on the
screen: actions but a jump inside the file, layers, threads, transitions, alternates, press and halftone settings, spot colours.

Read ``Parent=node`` as: under ``/Parent`` lies a ``node``. A key alone has a scalar; ``*`` stands for all keys, where names are free.
"""

from collections.abc import Mapping

# Numbers, names, strings, and arrays of them. Every kind may be one of these instead of a dictionary.
SCALAR = "scalar"
ANY = "*"

_DOCUMENT = {
    "catalogue": (
        "Type Version PageLayout PageMode Lang Pages=node Names=names Dests=destinations Outlines=outline AcroForm=fields AF=file "
        "StructTreeRoot=structure MarkInfo=plain ViewerPreferences=viewing OutputIntents=output PageLabels=labels Metadata=data "
        "Extensions=extensions Perms=permissions DSS=material Legal=plain"
    ),
    "plain": "*=scalar",
    "viewing": "DisplayDocTitle Direction",
    "labels": "Limits Nums=plain Kids=labels",
    "extensions": "*=extension",
    "extension": "Type BaseVersion ExtensionLevel ExtensionRevision URL",
    "output": "Type S OutputCondition OutputConditionIdentifier RegistryName Info DestOutputProfile=colour",
    "names": "EmbeddedFiles=files Dests=destination-names",
    "files": "Limits Names=file Kids=files",
    "file": "Type F UF Desc AFRelationship EF=embedded",
    "embedded": "F=content UF=content",
    "content": "Type Subtype Params=plain",
    "destinations": "*=target",
    "destination-names": "Limits Names=target Kids=destination-names",
    "named-target": "D=target",
    "outline": "Type Title Count C F A=action Dest=target SE=element First=outline Last=outline Next=outline Prev=outline Parent=outline",
    "action": "Type S D=target",
    "data": "Type Subtype Length1 Length2 Length3 Metadata=data",
    "decoding": "JBIG2Globals=data *=scalar",
}
_PAGES = {
    "pages": "Type Count MediaBox CropBox Rotate Kids=node Parent=node Resources=resources",
    "page": (
        "Type LastModified MediaBox CropBox BleedBox TrimBox ArtBox Rotate StructParents Tabs ID UserUnit Parent=node "
        "Resources=resources Contents=data Group=group Annots=annotation Metadata=data"
    ),
    "resources": (
        "ProcSet Font=fonts XObject=xobjects ExtGState=states ColorSpace=colours Pattern=patterns Shading=shadings Properties=marks "
        "Encoding=encodings"
    ),
    "encodings": "*=encoding",
    "fonts": "*=font",
    "xobjects": "*=xobject",
    "states": "*=state",
    "colours": "*=colour",
    "patterns": "*=pattern",
    "shadings": "*=shading",
    "marks": "*=mark",
    "mark": "MCID Lang Alt ActualText E",
    "group": "Type S I K CS=colour",
    "drawing": (
        "Type Subtype FormType BBox Matrix Name LastModified StructParent StructParents Resources=resources Group=group Metadata=data"
    ),
    "image": (
        "Type Subtype Width Height BitsPerComponent ImageMask Decode Interpolate SMaskInData Intent Name Matte ID StructParent "
        "ColorSpace=colour Mask=xobject SMask=xobject Metadata=data"
    ),
    "state": "Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK Font=font SMask=soft-mask",
    "soft-mask": "Type S BC G=xobject TR=function",
    "colour": "WhitePoint BlackPoint Gamma Matrix Range N Alternate=colour Metadata=data",
    "pattern": "Type PatternType PaintType TilingType BBox XStep YStep Matrix Resources=resources Shading=shading ExtGState=state",
    "shading": (
        "ShadingType Background BBox AntiAlias Coords Domain Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode "
        "VerticesPerRow ColorSpace=colour Function=function"
    ),
    "function": "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds Functions=function",
    "font": (
        "Type Subtype Name BaseFont FirstChar LastChar Widths FontBBox FontMatrix DW W DW2 W2 Encoding=encoding ToUnicode=encoding "
        "FontDescriptor=descriptor DescendantFonts=font CIDSystemInfo=plain CIDToGIDMap=data CharProcs=glyphs Resources=resources"
    ),
    "encoding": "Type BaseEncoding Differences CMapName WMode CIDSystemInfo=plain UseCMap=encoding",
    "descriptor": (
        "Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight StemV "
        "StemH AvgWidth MaxWidth MissingWidth CharSet Lang FontFile=data FontFile2=data FontFile3=data CIDSet=data Style=plain"
    ),
    "glyphs": "*=data",
}
_SIGNING = {
    "fields": "SigFlags DA Q NeedAppearances Fields=field DR=resources",
    "field": (
        "Type Subtype Rect Contents NM M F Border C StructParent Lang H FT T TU TM Ff DA Q P=page Parent=field Kids=field V=signature "
        "Lock=plain AP=appearance BS=plain MK=plain DR=resources"
    ),
    "link": "Type Subtype Rect Contents NM M F Border C StructParent Lang H QuadPoints P=page BS=plain A=action Dest=target",
    "appearance": "N=xobject",
    "signature": (
        "Type Filter SubFilter Contents Cert ByteRange Changes Name M Location Reason ContactInfo R V Prop_AuthTime Prop_AuthType "
        "Reference=reference Prop_Build=build"
    ),
    "reference": "Type TransformMethod DigestMethod DigestValue DigestLocation TransformParams=plain Data=catalogue",
    "build": "*=plain",
    "permissions": "DocMDP=signature",
    "material": "Type Certs=data CRLs=data OCSPs=data VRI=references",
    "references": "*=proof",
    "proof": "Type TU Cert=data CRL=data OCSP=data TS=data",
}
_STRUCTURE = {
    "structure": (
        "Type ParentTreeNextKey K=element IDTree=element-names ParentTree=element-numbers RoleMap=plain ClassMap=attribute-classes "
        "Namespaces=namespace"
    ),
    "element-names": "Limits Names=element Kids=element-names",
    "element-numbers": "Limits Nums=element Kids=element-numbers",
    "element": "Type S ID C R T Lang Alt E ActualText P=element Pg=page K=element A=attributes NS=namespace",
    "marked-text": "Type MCID Pg=page Stm=xobject",
    "marked-object": "Type Pg=page Obj=drawn",
    "attribute-classes": "*=attributes",
    "attributes": "NS=namespace *=scalar",
    "namespace": "Type NS RoleMapNS=mapped-roles",
    "mapped-roles": "*=namespace",
}


def _shape(keys: str) -> Mapping[str, str]:
    parted = [key.partition("=") for key in keys.split()]
    return {key if key == ANY else f"/{key}": kind or SCALAR for key, _, kind in parted}


SHAPES = {kind: _shape(keys) for kind, keys in (_DOCUMENT | _PAGES | _SIGNING | _STRUCTURE).items()}

# The kinds that may be streams, and what a stream may say of itself: not that it lies in another file.
STREAMS = frozenset({"data", "content", "drawing", "image", "colour", "pattern", "shading", "function", "encoding"})
STREAM_KEYS = _shape("Length Filter DL DecodeParms=decoding")

_MARKED = {"/MCR": "marked-text", "/OBJR": "marked-object"}
# Kinds that only the dictionary itself tells apart, by the value of a key; "" is for a dictionary without it.
NARROWED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "node": ("/Type", {"/Pages": "pages", "/Page": "page"}),
    "xobject": ("/Subtype", {"/Image": "image", "/Form": "drawing"}),
    "annotation": ("/Subtype", {"/Widget": "field", "/Link": "link"}),
    "drawn": ("/Subtype", {"/Image": "image", "/Form": "drawing", "/Widget": "field", "/Link": "link"}),
    "target": ("/Type", {"/Page": "page", "": "named-target"}),
    "element": ("/Type", {"/StructElem": "element", "": "element", "/StructTreeRoot": "structure"} | _MARKED),
}

# Keys whose values are a choice as well. A field is a place for a signature, since the form has no other.
VALUES: Mapping[tuple[str, str], frozenset[str]] = {
    ("catalogue", "/PageMode"): frozenset({"/UseNone", "/UseOutlines", "/UseThumbs", "/UseAttachments"}),
    ("page", "/Type"): frozenset({"/Page"}),
    ("action", "/S"): frozenset({"/GoTo"}),
    ("fields", "/NeedAppearances"): frozenset({"False"}),
    ("field", "/FT"): frozenset({"/Sig"}),
    ("field", "/Subtype"): frozenset({"/Widget"}),
    ("state", "/OP"): frozenset({"False"}),
    ("state", "/op"): frozenset({"False"}),
}
# Not Separation and DeviceN: a spot colour has one look on the screen and may have another on a printer that knows its ink.
COLOURS = frozenset({"/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/CalGray", "/CalRGB", "/Lab", "/ICCBased", "/Indexed", "/Pattern"})
