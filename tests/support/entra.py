"""A stand-in for one tenant of Entra ID: tells its signing keys over HTTP, and signs tokens with them."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from functools import cache

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TENANT = "11111111-2222-3333-4444-555555555555"
AUDIENCE = "99999999-8888-7777-6666-555555555555"
AZURE_MONITOR = "461e8683-5575-4561-ac7f-899cc907d62a"


@cache
def key_named(name):
    """A key for as long as the tests run: making one takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Entra:
    def __init__(self):
        self.key_ids = ["first"]
        self.asked = 0
        self.down = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.address = ""
        app = web.Application()
        app.add_routes([web.get(f"/{TENANT}/discovery/v2.0/keys", self._keys)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)

    async def open(self):
        for key_id in self.key_ids:
            key_named(key_id)  # whoever waits for an answer does not wait for this
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = "http://{}:{}".format(*self._runner.addresses[0])

    async def close(self):
        await self._runner.cleanup()

    async def _keys(self, _):
        self.asked += 1
        await self.may_answer.wait()
        if self.down:
            return web.Response(status=503)
        return web.json_response({"keys": [self._listed(key_id) for key_id in self.key_ids]})

    def _listed(self, key_id):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key_named(key_id).public_key(), as_dict=True)
        return {**public, "kid": key_id, "use": "sig", "x5t": key_id}

    def claims(self, **changed):
        now = int(time.time())
        usual = {
            "aud": f"api://{AUDIENCE}",
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "appid": AZURE_MONITOR,
            "roles": ["ActionGroupsSecureWebhook"],
            "tid": TENANT,
            "ver": "1.0",
        }
        return {name: value for name, value in (usual | changed).items() if value is not None}

    def token(self, *, key_id="first", signed_by=None, **changed):
        key = key_named(signed_by or key_id)
        return jwt.encode(self.claims(**changed), key, algorithm="RS256", headers={"kid": key_id} if key_id else None)

    def token_of_version_2(self, **changed):
        issuer = f"{self.address}/{TENANT}/v2.0"
        return self.token(
            **{"aud": AUDIENCE, "iss": issuer, "ver": "2.0", "appid": None, "azp": AZURE_MONITOR} | changed
        )

    def unsigned_token(self):
        return jwt.encode(self.claims(), None, algorithm="none", headers={"kid": "first"})

    def confused_token(self):
        """Signed with what everybody knows, in the hope that it is taken for a shared secret."""
        public = key_named("first").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        content = ".".join(
            _part(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "first"}, self.claims())
        )
        return f"{content}.{_part(hmac.digest(public, content.encode(), hashlib.sha256))}"


def _part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
