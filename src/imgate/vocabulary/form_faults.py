"""What is wrong with the form of a configured value, in our words: pydantic's say neither what to write nor in whose language."""

from collections.abc import Mapping


def form_fault(kind: str, context: Mapping[str, object], message: str) -> str:
    """Give a sentence for a kind of error of pydantic; never shows the input. ``message`` is used for our own validators' errors only."""
    match kind:
        case "missing":
            return "is missing"
        case "value_error":
            return message.removeprefix("Value error, ")
        case "string_type" | "path_type":
            return "must be a text, written in quotes"
        case "tuple_type" | "list_type":
            return 'must be a list, written ["a", "b"]'
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "float_type" | "float_parsing" | "finite_number":
            return "must be a number"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "greater_than":
            return f"must be more than {context['gt']}"
        case "less_than":
            return f"must be less than {context['lt']}"
        case "string_too_short":
            least = context["min_length"]
            return "must not be empty" if least == 1 else f"must have at least {least} characters"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "literal_error" | "enum":
            return f"must be {str(context['expected']).replace(chr(39), '`')}"
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            return "must be a table"
        case _:
            return "cannot be used as it is written"
