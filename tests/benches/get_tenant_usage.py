"""The baseline of the benchmark: the same call and the same files as get_tenant_usage, with requests."""

import json
import os
import time

import requests

home = os.environ["CYBER_PLATFORM_HOME"]


def load(name):
    with open(os.path.join(home, name), encoding="utf-8") as file:
        return json.load(file)


settings = load("cyber.platform.cfg.json")
client = load("api_client.json")
token = load("api_token.json")
assert token["expires_on"] - time.time() > 900

response = requests.get(
    f"{settings['base_url']}api/2/tenants/{client['tenant_id']}/usages",
    headers={"Authorization": f"Bearer {token['access_token']}", "User-Agent": "Baseline/1.0"},
    timeout=60,
)
response.raise_for_status()
usages = response.json()
with open(os.path.join(home, "tenant_usage_python.json"), "w", encoding="utf-8") as file:
    json.dump(usages, file, indent=2)
print(len(usages["items"]))
