"""Validates requests and answers against the shapes that were published for them. Arguments: the file of shapes, and one of
exchanges, each [service, method, path below the service, status, request or null, answer or null].

Every operation of the shapes must have been carried out. An answer must be of a published status, and apart from those that
are told below it has every member of its shape. Of each it is also tried whether members of another type would be seen.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    SHAPES = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    EXCHANGES = json.load(file)

# Members that only some objects have: of a policy condition, of an answer to one of many questions, of an optional meaning,
# and of core policies, which nobody made.
SOMETIMES = {
    "label", "operator", "operands", "body", "error", "description", "id", "contentType", "includeDraft",
    "sandboxName", "created", "createdClient", "createdUser", "updated", "updatedClient", "updatedUser",
}
# Of what a refused change would violate: what other services know of entities, and what policies have in their own lists.
IN_VIOLATIONS = {
    "_etag", "parents", "options", "flattenedLabels", "enforcementRefs", "selfRef", "_links", "imsOrg", "marketingActionRefs",
}
mutated = 0


def validator(service, schema):
    return Draft202012Validator({"$defs": SHAPES[service]["$defs"], **schema})


def members(service, schema):
    """The members of an object of the shape, each with its schemas."""
    if "$ref" in schema:
        return members(service, SHAPES[service]["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    found = {name: [below] for name, below in schema.get("properties", {}).items()}
    for part in schema.get("allOf", []):
        for name, below in members(service, part).items():
            found.setdefault(name, []).extend(below)
    return found


def items(service, schema):
    if "$ref" in schema:
        return items(service, SHAPES[service]["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    parts = [schema, *schema.get("allOf", [])]
    return next((part["items"] for part in parts if "items" in part), None)


def walk(service, schema, value, place, root, check):
    """Fails where a member of the shape is missing, and where one of another type would not be seen."""
    global mutated
    if isinstance(value, list):
        below = items(service, schema)
        for number, item in enumerate(value[:3] if below else []):
            walk(service, below, item, (*place, number), root, check)
        return
    if not isinstance(value, dict):
        return
    for name, schemas in members(service, schema).items():
        if name not in value:
            may_miss = name in SOMETIMES or ("violations" in place and name in IN_VIOLATIONS)
            assert may_miss, f"{'/'.join(map(str, place))}: {name} is missing in {value}"
            continue
        kept = value[name]
        seen = [wrong for wrong in (0.5, [0.5]) if not is_valid_with(check, root, value, name, wrong)]
        assert seen, f"{'/'.join(map(str, place))}: nobody would see that {name} is wrong"
        value[name] = kept
        mutated += 1
        for below in schemas:
            walk(service, below, kept, (*place, name), root, check)


def is_valid_with(check, root, value, name, wrong):
    value[name] = wrong
    return check.is_valid(root)


def operation(service, method, path):
    path = path.split("?")[0]
    for name in SHAPES[service]["operations"]:
        verb, template = name.split(" ", 1)
        if verb == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return name
    return None


def fits(service, schema, value, what):
    check = validator(service, schema)
    problems = [f"{what} at /{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in check.iter_errors(value)]
    assert not problems, "\n".join(problems)
    return check


done = set()
for service, method, path, status, request, answer in EXCHANGES:
    name = operation(service, method, path)
    assert name, f"{method} {path} is no published operation"
    what = f"{method} {path} {status}"
    published = SHAPES[service]["operations"][name]
    assert str(status) in published["responses"], f"{what}: the status is not published"
    if status < 300:
        done.add((service, name))
        if request is not None:
            fits(service, published["request"], request, f"{what} request")
    schema = published["responses"][str(status)]
    if schema is None:
        assert answer is None, f"{what}: there is a body, {answer}"
        continue
    check = fits(service, schema, answer, what)
    walk(service, schema, answer, (what,), answer, check)
    if isinstance(answer, dict) and "children" in answer:
        assert answer["_page"]["count"] == len(answer["children"]) > 0, what

missing = {(s, o) for s in ("policy-service", "dataset-service") for o in SHAPES[s]["operations"]} - done
assert not missing, f"nobody asked for {missing}"
print(mutated)
