"""Drives a server through the whole workflow as a client made for the Flow Service and the Segmentation Service does, and
validates every answer against shapes.json. Arguments: where the server is, the file of shapes, and JSON with the admin's
secret and an S3 account. Of each answer it is also tried whether a missing member, or one of another type, would be
seen.
"""

import copy
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator

URL, SHAPES, GIVEN = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
FLOW, UPS = "/data/foundation/flowservice", "/data/core/ups"
S3, S3_FLOW = "4fce964d-3f37-408f-9778-e597338a21ee", "269ba276-16fc-47db-92b0-c1049a3c131f"
S3_LEGACY, SFTP = "4890fc95-5a1f-4983-94bb-e060c08e3f81", "36965a81-b1c6-401b-99f8-22508f1e6a26"
PROFILES = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
MASK = "********"
START_TIME = time.strftime("%H:%M", time.gmtime(time.time() - 3600))

with open(SHAPES, encoding="utf-8") as file:
    DEFS = json.load(file)["$defs"]
for definition in DEFS.values():
    Draft202012Validator.check_schema(definition)
token = None


# The shapes.

def validator(schema):
    return Draft202012Validator({"$defs": DEFS, **schema})


def wrong_values(schema):
    """A value that the schema does not take, where there is one."""
    check = validator(schema)
    return [value for value in (0.5, "\u0000", [0.5], {}, None) if not check.is_valid(value)][:1]


def mutants(schema, root, value, path=()):
    """The answer with one required member less, or with one member of another type, for every member of the shape."""
    if "$ref" in schema:
        yield from mutants(DEFS[schema["$ref"].rsplit("/", 1)[1]], root, value, path)
    for part in schema.get("allOf", []):
        yield from mutants(part, root, value, path)
    if isinstance(value, list) and value and "items" in schema:
        yield from mutants(schema["items"], root, value[0], (*path, 0))
    if not isinstance(value, dict):
        return
    for name in schema.get("required", []):
        yield (*path, name), changed(root, path, lambda place, name=name: place.pop(name))
    for name, below in schema.get("properties", {}).items():
        if name not in value:
            continue
        for wrong in wrong_values(below):
            yield (*path, name), changed(root, path, lambda place, name=name, wrong=wrong: place.update({name: wrong}))
        yield from mutants(below, root, value[name], (*path, name))


def changed(root, path, change):
    root = copy.deepcopy(root)
    place = root
    for step in path:
        place = place[step]
    change(place)
    return root


mutated = 0


def fits(shape, value, what):
    """Fails unless the answer has the shape, and unless the shape would see what is wrong with one that has not."""
    global mutated
    check = validator({"$ref": f"#/$defs/{shape}"})
    problems = [f"{what}: {shape} at /{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in check.iter_errors(value)]
    assert not problems, "\n".join(problems)
    for path, mutant in mutants({"$ref": f"#/$defs/{shape}"}, value, value):
        assert not check.is_valid(mutant), f"{what}: {shape} does not see that {path} is wrong"
        mutated += 1
    return value


# Requests.

class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        self.body = json.loads(text) if text else None


def send(method, path, body=None, *, etag=None, headers=None, bearer=True):
    request = urllib.request.Request(URL + path, method=method)
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    # As the clients of the services do it: both headers on every request, and a type on a GET.
    request.add_header("x-api-key", "any")
    request.add_header("x-gw-ims-org-id", "any@Org")
    request.add_header("x-sandbox-name", "prod")
    if not request.has_header("Content-type"):
        request.add_header("Content-type", "application/json")
    if bearer and token:
        request.add_header("Authorization", f"bearer {token}")
    if etag is not None:
        request.add_header("If-Match", etag)
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(request, data=data, timeout=60) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


def ask(method, path, status, shape, body=None, **more):
    """Sends a request; fails unless the answer has the status, the type of content and the shape."""
    answer = send(method, path, body, **more)
    what = f"{method} {path}"
    assert answer.status == status, f"{what}: {answer.status} instead of {status}: {answer.text}"
    if shape is None:
        assert answer.text == "", f"{what} has a body: {answer.text}"
        return None
    kind = answer.headers["Content-Type"].split(";")[0]
    assert kind == ("application/json" if status < 400 else "application/problem+json"), f"{what}: {kind}"
    if status >= 400:
        told = answer.body
        assert (told["status"], told["detail"]) == (status, told["errorMessage"]), answer.text
    return fits(shape, answer.body, what)


def item(path, shape):
    return ask("GET", path, 200, shape)["items"][0]


def until(look, is_done, what):
    """Waits for work that the server does by itself; the limit is that of the whole program."""
    while not is_done(seen := look()):
        assert seen.get("status") not in ("FAILED", "CANCELLED"), f"{what}: {seen}"
        assert seen.get("state") not in ("failed", "cancelled"), f"{what}: {seen}"
        time.sleep(0.1)
    return seen


# The workflow.

def sign_in():
    global token
    ask("GET", f"{FLOW}/flows", 403, "accessError")
    form = {"grant_type": "client_credentials", "client_id": "admin", "scope": "openid,AdobeID,read_organizations"}
    form_type = {"Content-type": "application/x-www-form-urlencoded"}
    wrong = urllib.parse.urlencode({**form, "client_secret": "wrong"})
    ask("POST", "/ims/token/v3", 401, "error", wrong, headers=form_type)
    right = urllib.parse.urlencode({**form, "client_secret": GIVEN["adminSecret"]})
    given = ask("POST", "/ims/token/v3", 200, "token", right, headers=form_type)
    assert 3600 < given["expires_in"] < 10**6, "seconds, not milliseconds"
    token = "not a token"
    assert ask("GET", f"{FLOW}/flows", 401, "accessError")["error_code"] == "401013"
    token = given["access_token"]
    missing = ask("GET", f"{FLOW}/flows", 403, "accessError", bearer=False)
    assert missing["error_code"] == "403010"


def catalog():
    specs = ask("GET", f"{FLOW}/connectionSpecs", 200, "connectionSpecs")["items"]
    assert {S3, SFTP, PROFILES} <= {spec["id"] for spec in specs}
    auths = {auth["name"] for auth in item(f"{FLOW}/connectionSpecs/{S3}", "oneConnectionSpec")["authSpec"]}
    assert "Access Key" in auths, auths
    auths = {auth["name"] for auth in item(f"{FLOW}/connectionSpecs/{SFTP}/", "oneConnectionSpec")["authSpec"]}
    assert {"SFTP with Password", "SFTP with SSH Key"} <= auths, auths
    flow_specs = ask("GET", f"{FLOW}/flowSpecs", 200, "flowSpecs")["items"]
    assert S3_FLOW in {spec["id"] for spec in flow_specs}
    item(f"{FLOW}/flowSpecs/{S3_FLOW}", "oneFlowSpec")
    ask("GET", f"{FLOW}/connectionSpecs/{PROFILES[::-1]}", 404, "error")


def account():
    params = {"s3AccessKey": GIVEN["key"], "s3SecretKey": GIVEN["secret"], "endpoint": GIVEN["endpoint"]}
    body = {
        "name": "Exports", "description": "of the agency", "connectionSpec": {"id": S3, "version": "1.0"},
        "auth": {"specName": "Access Key", "params": params},
    }
    wrong = copy.deepcopy(body)
    wrong["auth"]["params"]["s3SecretKey"] = "w" * 40
    ask("POST", f"{FLOW}/connections", 400, "error", wrong)
    ask("POST", f"{FLOW}/connections", 400, "fieldErrors", {"auth": {"specName": "Access Key"}})
    ask("POST", f"{FLOW}/connections", 400, "error", "{not JSON")
    assert ask("GET", f"{FLOW}/connections?count=True", 200, "connections") == {"items": [], "_links": {}, "count": 0}
    made = ask("POST", f"{FLOW}/connections", 201, "created", body)
    path = f"{FLOW}/connections/{made['id']}"
    shown = item(path, "oneConnection")
    assert shown["auth"]["params"]["s3SecretKey"] == MASK and shown["etag"] == made["etag"], shown
    ask("GET", f"{path}/test", 200, "test")
    rename = [{"op": "Replace", "path": "/name", "value": "Exports of the agency"}]
    ask("PATCH", path, 428, "error", rename)
    etag = ask("PATCH", path, 200, "created", rename, etag=made["etag"].strip('"'))["etag"]
    assert etag != made["etag"]
    stale = ask("PATCH", path, 412, "error", rename, etag=made["etag"])
    assert stale["errorMessage"] and stale["errorDetails"], stale
    # The secret, which nobody sent again, is there still.
    ask("GET", f"{path}/test", 200, "test")
    ask("PATCH", path, 200, "created", rename, etag=f"W/{etag}")
    legacy = ask("POST", f"{FLOW}/connections", 201, "created", {**body, "connectionSpec": {"id": S3_LEGACY, "version": "1.0"}})
    ask("DELETE", f"{FLOW}/connections/{legacy['id']}", 204, None)
    ask("GET", f"{FLOW}/connections/{legacy['id']}", 404, "error")
    return made["id"]


def ends(connection):
    spec = {"id": PROFILES, "version": "1.0"}
    source = ask("POST", f"{FLOW}/sourceConnections", 201, "created", {"name": "Profiles", "connectionSpec": spec})
    item(f"{FLOW}/sourceConnections/{source['id']}", "oneSourceConnection")
    ask("GET", f"{FLOW}/sourceConnections", 200, "sourceConnections")
    params = {"mode": "Server-to-server", "bucketName": GIVEN["bucket"], "path": GIVEN["path"], "fileType": "CSV"}
    body = {
        "name": "Audiences", "baseConnectionId": connection, "connectionSpec": {"id": S3, "version": "1.0"},
        "params": {**params, "compression": "NONE"},
    }
    target = ask("POST", f"{FLOW}/targetConnections", 201, "created", body)
    path = f"{FLOW}/targetConnections/{target['id']}"
    wrong = {**body, "params": {**params, "fileType": "XLS", "bucketName": ""}}
    fields = {problem["field"] for problem in ask("POST", f"{FLOW}/targetConnections", 400, "fieldErrors", wrong)["problems"]}
    assert fields == {"/params/fileType", "/params/bucketName"}, fields
    patch = [{"op": "add", "path": "/params/compression", "value": "GZIP"}]
    ask("PATCH", path, 200, "created", patch, etag="*")
    assert item(path, "oneTargetConnection")["params"]["compression"] == "GZIP"
    ask("GET", f"{FLOW}/targetConnections", 200, "targetConnections")
    patch = [{"op": "replace", "path": "/description", "value": "x"}]
    ask("PATCH", f"{FLOW}/sourceConnections/{source['id']}", 400, "error", patch, etag=source["etag"])
    patch[0]["op"] = "ADD"
    ask("PATCH", f"{FLOW}/sourceConnections/{source['id']}/", 200, "created", patch, etag=source["etag"])
    return source["id"], target["id"]


def definition(name, rule):
    expression = {"type": "PQL", "format": "pql/text", "value": rule}
    return {"name": name, "expression": expression, "schema": {"name": "_xdm.context.profile"}}


def segments():
    definitions = f"{UPS}/segment/definitions"
    made = [ask("POST", definitions, 200, "segment", definition(name, rule))["id"] for name, rule in (
        ("Loyal", "loyalty.points > 100"), ("American", 'homeAddress.country = "US"'), ("Nobody", "loyalty.points < 0"),
    )]
    ask("POST", definitions, 400, "fieldErrors", definition("Odd", "loyalty.points >"))
    ask("GET", f"{definitions}/{made[0]}", 200, "segment")
    page = ask("GET", f"{definitions}?limit=2&page=0", 200, "segments")
    assert (len(page["segments"]), page["page"]["totalPages"], page["page"]["totalCount"]) == (2, 2, 3), page["page"]
    bulk = ask("POST", f"{definitions}/bulk-get", 207, "bulkSegments", {"ids": [{"id": made[0]}, {"id": made[1]}]})
    assert set(bulk["results"]) == set(made[:2])
    described = ask("PATCH", f"{definitions}/{made[1]}", 200, "segment", {"description": "at home"})
    assert described["description"] == "at home"
    ask("DELETE", f"{definitions}/{made[2]}", 200, "removed")
    ask("GET", f"{definitions}/{made[2]}", 404, "error")
    question = {"predicateExpression": "loyalty.points > 100", "predicateType": "pql/text", "predicateModel": "_xdm.context.profile"}
    preview = ask("POST", f"{UPS}/preview", 201, "preview", question)
    estimate = ask("GET", f"{UPS}/estimate/{preview['previewId']}", 200, "estimate")
    ask("GET", f"{UPS}/preview/{preview['previewId']}", 200, "sample")
    ask("DELETE", f"{UPS}/preview/{preview['previewId']}", 200, "removed")
    ask("GET", f"{UPS}/preview/{preview['previewId']}", 404, "error")
    return made[:2], estimate["estimatedSize"]


def evaluation(segment_ids, expected):
    jobs = f"{UPS}/segment/jobs"
    job = ask("POST", jobs, 200, "segmentJob", [{"segmentId": segment} for segment in segment_ids])
    path = f"{jobs}/{job['id']}"
    until(lambda: ask("GET", path, 200, "segmentJob"), lambda job: job["status"] == "SUCCEEDED", "the evaluation")
    done = ask("GET", path, 200, "doneJob")
    assert done["metrics"]["segmentedProfileCounter"][segment_ids[0]] == expected, done["metrics"]
    ask("GET", f"{jobs}?status=SUCCEEDED&limit=10&start=0", 200, "segmentJobs")
    ask("POST", f"{jobs}/bulk-get", 207, "bulkJobs", {"ids": [{"id": job["id"]}]})
    ask("GET", f"{jobs}/none", 404, "error")


def schedules():
    path = f"{UPS}/config/schedules"
    body = {"name": "Nightly", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "properties": {"segments": ["*"]}}
    made = ask("POST", path, 200, "schedule", body)
    ask("POST", path, 400, "fieldErrors", {**body, "schedule": "at night"})
    own = f"{path}/{made['id']}"
    ask("PATCH", own, 204, None, [{"op": "add", "path": "/state", "value": "active"}])
    assert ask("GET", own, 200, "schedule")["state"] == "active"
    assert made["id"] in {child["id"] for child in ask("GET", path, 200, "schedules")["children"]}
    ask("DELETE", own, 204, None)
    ask("GET", own, 404, "error")


def selector(segment):
    # Its dates cover today, and its next slot is most of a day away.
    schedule = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-05", "startTime": START_TIME}
    return {"type": "PLATFORM_SEGMENT", "value": {
        "id": segment, "name": "Loyal", "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
        "exportMode": "DAILY_FULL_EXPORT", "schedule": schedule, "createTime": "1640289901", "updateTime": "1640289901",
    }}


def attribute(path):
    return {"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": path}}


def flow_body(name, source, target, spec=S3_FLOW):
    params = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
    return {
        "name": name, "flowSpec": {"id": spec, "version": "1.0"}, "sourceConnectionIds": [source],
        "targetConnectionIds": [target], "transformations": [{"name": "GeneralTransform", "params": params}],
        "policy": {"enforcementRefs": ["/dulepolicy/marketingActions/core/emailTargeting"]},
    }


def flows(source, target, segment_ids):
    ask("POST", f"{FLOW}/flows", 400, "fieldErrors", {})
    made = ask("POST", f"{FLOW}/flows", 201, "created", flow_body("Loyal to the agency", source, target))
    path = f"{FLOW}/flows/{made['id']}"
    selectors = "/transformations/0/params/{}/selectors/-"
    patch = [{"op": "ADD", "path": selectors.format("segmentSelectors"), "value": selector(segment_ids[0])}]
    for column in ("profileId", "personalEmail.address"):
        patch.append({"op": "add", "path": selectors.format("profileSelectors"), "value": attribute(column)})
    patch.append({"op": "add", "path": "/transformations/0/params/mandatoryFields", "value": ["personalEmail.address"]})
    field = {"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}
    patch.append({"op": "add", "path": "/transformations/0/params/primaryFields", "value": [field]})
    etag = ask("PATCH", path, 200, "created", patch, etag=made["etag"])["etag"]
    ask("PATCH", path, 412, "error", patch, etag=made["etag"])
    # All or nothing.
    half = [{"op": "add", "path": "/name", "value": "x"}, {"op": "remove", "path": "/nothing"}]
    ask("PATCH", path, 400, "error", half, etag=etag)
    shown = item(path, "oneFlow")
    assert (shown["etag"], shown["name"]) == (etag, "Loyal to the agency"), shown
    spec = shown["inheritedAttributes"]["targetConnections"][0]["connectionSpec"]["id"]
    assert spec == S3 and shown["transformations"][0]["params"]["segmentSelectors"]["selectors"] == [selector(segment_ids[0])]
    ask("POST", f"{FLOW}/flows", 201, "created", flow_body("Another", source, target, "71471eba-b620-49e4-90fd-23f1fa0174d8"))
    filters = urllib.parse.urlencode([
        ("property", f"inheritedAttributes.targetConnections[].connectionSpec.id=={S3}"), ("property", "name==Another,Loyal to the agency"),
        ("limit", "1"), ("count", "true"),
    ])
    page = ask("GET", f"{FLOW}/flows?{filters}", 200, "flows")
    names, count = [page["items"][0]["name"]], page["count"]
    page = ask("GET", f"{FLOW}{page['_links']['next']['href']}&limit=1", 200, "flows")
    names.append(page["items"][0]["name"])
    assert (sorted(names), count) == (["Another", "Loyal to the agency"], 2)
    assert ask("GET", f"{FLOW}/flows?property=no.such.path==x", 200, "flows") == {"items": [], "_links": {}}
    ask("POST", f"{path}/action?op=DISABLE", 200, "created")
    ask("POST", f"{FLOW}/runs", 409, "error", {"flowId": made["id"]})
    ask("POST", f"{path}/action?op=enable", 200, "created")
    ask("POST", f"{path}/action?op=explode", 400, "fieldErrors")
    return made["id"]


def runs(flow, segment, expected):
    made = ask("POST", f"{FLOW}/runs", 201, "created", {"flowId": flow})
    listed = f"{FLOW}/runs?property=flowId=={flow}"
    assert [run["id"] for run in ask("GET", listed, 200, "runs")["items"]] == [made["id"]]
    path = f"{FLOW}/runs/{made['id']}"
    look = lambda: {**item(path, "oneRun"), "status": None}
    until(look, lambda run: run["metrics"]["statusSummary"]["status"] == "success", "the run")
    done = item(path, "oneDoneRun")
    records = done["metrics"]["recordSummary"]
    assert records["inputRecordCount"] == expected == records["outputRecordCount"] + records["skippedRecordCount"], records
    assert item(f"{FLOW}/flows/{flow}", "oneFlow")["lastRunDetails"]["id"] == made["id"]
    accept = {"Accept": "application/vnd.adobe.adhoc.activation+json; version=2"}
    order = {"activationInfo": {flow: [segment]}}
    ordered = ask("POST", "/data/core/activation/disflowprovider/adhocrun", 200, "adhoc", order, headers=accept)["order"][0]
    assert (ordered["segment"], ordered["order"]) == (segment, flow), ordered
    path = urllib.parse.urlsplit(ordered["statusURL"]).path
    until(lambda: item(path, "oneRun"), lambda run: run["metrics"]["statusSummary"]["status"] == "success", "the ad-hoc run")
    ask("GET", f"{FLOW}/runs/none", 404, "error")
    ask("POST", f"{FLOW}/runs", 404, "error", {"flowId": "none"})


def removal(connection, flow):
    used = ask("DELETE", f"{FLOW}/connections/{connection}", 409, "error")
    assert "Loyal to the agency" in json.dumps(used), "the flows that use it are named"
    ask("DELETE", f"{FLOW}/flows/{flow}/", 204, None)
    ask("GET", f"{FLOW}/flows/{flow}", 404, "error")
    ask("GET", f"{FLOW}/none", 404, "error")
    ask("PUT", f"{FLOW}/flows", 405, "error", {})


sign_in()
catalog()
connection_id = account()
source_id, target_id = ends(connection_id)
ids, members = segments()
evaluation(ids, members)
schedules()
flow_id = flows(source_id, target_id, ids)
runs(flow_id, ids[0], members)
removal(connection_id, flow_id)
print(json.dumps({"mutants": mutated}))
