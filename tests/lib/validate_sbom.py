"""Ask the official schema and a foreign program whether they accept a bill of materials.

usage: VENV/bin/python tests/lib/validate_sbom.py spdx|cyclonedx FILE…
"""
import json
import pathlib
import sys
import sysconfig

LINES_OF_ERRORS = 20


def schema_errors(path):
    """Of SPDX's own schema; lib4sbom has it as a file, and is not loaded."""
    import jsonschema

    schemas = pathlib.Path(sysconfig.get_paths()["purelib"]) / "lib4sbom" / "schemas" / "spdx"
    schema = json.loads((schemas / "2.3-schema.json").read_text(encoding="utf-8"))
    document = json.loads(path.read_text(encoding="utf-8"))
    return [f"{list(error.path)}: {error.message}" for error in jsonschema.Draft7Validator(schema).iter_errors(document)]


def spdx_errors(path):
    from spdx_tools.spdx.parser.json.json_parser import parse_from_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    messages = validate_full_spdx_document(parse_from_file(str(path)), "SPDX-2.3")
    return schema_errors(path) + [message.validation_message for message in messages]


def cyclonedx_errors(path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text(encoding="utf-8"))
    return [str(error)] if error else []


def main():
    find = spdx_errors if sys.argv[1] == "spdx" else cyclonedx_errors
    errors = [f"{name}: {error}" for name in sys.argv[2:] for error in find(pathlib.Path(name))]
    for error in errors[:LINES_OF_ERRORS]:
        print(error[:1000])
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
