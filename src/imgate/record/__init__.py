"""The case record: its types, the catalogue of scopes read off them, strict reading and checking of JSON.

Owns the shape of the record and the words for what is wrong with one. Never keeps a record, decides about one,
or repeats a value in an error.
"""

from imgate.record.case_record import CaseRecord
from imgate.record.catalogue import CATALOGUE, Catalogue, ScopeEntry
from imgate.record.marks import Label, Scope, Since
from imgate.record.problem_code import ProblemCode
from imgate.record.problems import Problem, field_names, problems_of
from imgate.record.strict_json import JsonRefusal, JsonRefused, parse_json
from imgate.record.validation import RecordInvalid, validate_record

__all__ = [
    "CATALOGUE",
    "CaseRecord",
    "Catalogue",
    "JsonRefusal",
    "JsonRefused",
    "Label",
    "Problem",
    "ProblemCode",
    "RecordInvalid",
    "Scope",
    "ScopeEntry",
    "Since",
    "field_names",
    "parse_json",
    "problems_of",
    "validate_record",
]
