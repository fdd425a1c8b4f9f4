"""A Bedrock on loopback that believes nobody: AWS's own library recomputes every signature, checks every body against the service's
model, and decodes every frame before it is sent.

Prints its port, then one line of JSON for each request: what was asked, and what is wrong with it. The model's name says how it behaves.
"""

import base64
import datetime
import http.server
import itertools
import json
import struct
import sys
import urllib.parse
import uuid
import zlib

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.eventstream
import botocore.session
import botocore.validate

MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
SECRETS = {"AKIDSTATIC": ("secret/static+", None), "AKIDFIRST": ("one", "token-one"), "AKIDSECOND": ("two", "token-two")}
HANDED = itertools.chain(["AKIDFIRST"], itertools.repeat("AKIDSECOND"))
TEXT = ["gau", 'ge("', "tiefe ü→", '");']
SEEN = {}


def header(name, kind, value=b""):
    name = name.encode()
    size = struct.pack(">H", len(value)) if kind in (6, 7) else b""
    return struct.pack("B", len(name)) + name + struct.pack("B", kind) + size + value


def frame(headers, payload):
    head = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head += struct.pack(">I", zlib.crc32(head))
    body = head + headers + payload
    body += struct.pack(">I", zlib.crc32(body))
    # What the library does not take is no frame.
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(body)
    assert len(list(buffer)) == 1
    return body


def event(kind, value, more=b""):
    headers = more + header(":event-type", 7, kind.encode()) + header(":content-type", 7, b"application/json")
    return frame(headers + header(":message-type", 7, b"event"), json.dumps(value, ensure_ascii=False).encode())


def exception(kind, message):
    headers = header(":exception-type", 7, kind.encode()) + header(":content-type", 7, b"application/json")
    return frame(headers + header(":message-type", 7, b"exception"), json.dumps({"message": message}).encode())


def converse(more=b""):
    yield event("messageStart", {"role": "assistant", "p": "abc"}, more)
    for text in TEXT:
        yield event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}, "p": "abcdefg"}, more)
    yield event("contentBlockStop", {"contentBlockIndex": 0}, more)
    yield event("messageStop", {"stopReason": "end_turn"}, more)
    yield event("metadata", {"usage": {"inputTokens": 5, "outputTokens": 4, "totalTokens": 9}, "metrics": {"latencyMs": 3}}, more)


def invoke():
    def chunk(value):
        return event("chunk", {"bytes": base64.b64encode(json.dumps(value).encode()).decode(), "p": "ab"})

    yield chunk({"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}})
    yield chunk({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    for text in TEXT:
        yield chunk({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
    yield chunk({"type": "content_block_stop", "index": 0})
    yield chunk({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}})
    yield chunk({"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 5, "outputTokenCount": 4}})


ODD = (
    header("yes", 0) + header("no", 1) + header("byte", 2, b"\x7f") + header("short", 3, b"\x01\x02") + header("int", 4, b"\x01\x02\x03\x04")
    + header("long", 5, b"\x00" * 7 + b"\x01") + header("bytes", 6, b"\xff\x00\xfe") + header("moment", 8, b"\x00" * 8)
    + header("uuid", 9, uuid.UUID(int=7).bytes)
)


def flipped(data, at):
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)


def stream(model, operation):
    """The bytes that a model of this name answers with, in the pieces in which they are sent."""
    if operation == "invoke-with-response-stream":
        return [b"".join(invoke())]
    whole = list(converse())
    if "odd" in model:
        unknown = frame(header(":message-type", 7, b"later"), b"?") + event("initial-response", {})
        return [bytes([byte]) for byte in unknown + b"".join(converse(ODD))]
    if "payload" in model:
        return [whole[0], whole[1], flipped(whole[2], len(whole[2]) - 8), *whole[3:]]
    if "prelude" in model:
        return [whole[0], flipped(whole[1], 3)]
    if "cut" in model:
        return [*whole[:3], whole[3][:-5]]
    if "unended" in model:
        return whole[:5]
    if "exception" in model and SEEN[model] == 1:
        return [whole[0], exception("throttlingException", "slow down")]
    if "error" in model:
        headers = header(":error-code", 7, b"InternalError") + header(":error-message", 7, b"words") + header(":message-type", 7, b"error")
        return [whole[0], frame(headers, b"")]
    return [b"".join(whole)]


def now(model):
    ahead = datetime.timedelta(days=1) if "skewed" in model else datetime.timedelta()
    return datetime.datetime.now(datetime.timezone.utc) + ahead


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return now(self.path).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def answer(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        key = next(HANDED)
        secret, token = SECRETS[key]
        self.answer(200, {"AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": "2099-01-01T00:00:00Z"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        _, _, model, operation = self.path.split("/")
        model = urllib.parse.unquote(model)
        SEEN[model] = SEEN.get(model, 0) + 1
        asked = {"path": self.path, "model": model, "body": json.loads(body), "authorization": self.headers["Authorization"].split()[0]}
        asked["wrong"] = self.wrong(model, operation, body)
        print(json.dumps(asked), flush=True)
        if asked["wrong"]:
            name = asked["wrong"]["name"]
            return self.answer(403, {"message": "not you"}, [("x-amzn-ErrorType", name + ":http://example/")])
        if "absent" in model:
            message = {"message": "Invocation of model ID with on-demand throughput isn’t supported."}
            return self.answer(400, message, [("x-amzn-ErrorType", "ValidationException")])
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.amazon.eventstream")
        self.send_header("x-amzn-RequestId", "request-1")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in stream(model, operation):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def wrong(self, model, operation, body):
        """What is wrong with a request, in AWS's own words; None when nothing is."""
        line = self.headers["Authorization"]
        if line.startswith("Bearer "):
            return None if line == "Bearer bedrock-key" else {"name": "AccessDeniedException"}
        parts = dict(part.strip().split("=", 1) for part in line.removeprefix("AWS4-HMAC-SHA256").split(","))
        key, day, region, service, _ = parts["Credential"].split("/")
        secret, token = SECRETS[key]
        sent = self.headers["X-Amz-Date"]
        moment = datetime.datetime.strptime(sent, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((now(model) - moment).total_seconds()) > 300 or not sent.startswith(day):
            return {"name": "InvalidSignatureException"}
        if "expired" in model and key == "AKIDFIRST":
            return {"name": "ExpiredTokenException"}
        if (region, service) != ("eu-west-1", "bedrock") or self.headers["X-Amz-Security-Token"] != token:
            return {"name": "UnrecognizedClientException", "scope": [region, service]}
        names = parts["SignedHeaders"].split(";")
        if "host" not in names or "x-amz-date" not in names or (token and "x-amz-security-token" not in names):
            return {"name": "IncompleteSignatureException", "signed": names}
        signed = {name: self.headers[name] for name in names}
        request = botocore.awsrequest.AWSRequest("POST", f"http://{self.headers['Host']}{self.path}", signed, body)
        request.context["timestamp"] = sent
        auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret, token), service, region)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        if auth.signature(text, request) != parts["Signature"]:
            return {"name": "SignatureDoesNotMatch", "canonical": auth.canonical_request(request)}
        name = {"converse-stream": "ConverseStream", "invoke-with-response-stream": "InvokeModelWithResponseStream"}[operation]
        if name == "ConverseStream":
            shape = MODEL.operation_model(name).input_shape
            report = botocore.validate.ParamValidator().validate(json.loads(body) | {"modelId": model}, shape)
            unknown = set(json.loads(body)) - set(shape.members)
            if report.has_errors() or unknown:
                return {"name": "ValidationException", "report": report.generate_report(), "unknown": sorted(unknown)}
        return None


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
sys.stdin.close()
server.serve_forever()
