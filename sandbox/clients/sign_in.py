"""Creates an API client, gets a token and reads a tenant. Needs the package requests."""

import sys

import requests

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
admin = ("admin", "secret")

# The administrator signs in and creates an API client.
tenant_id = requests.get(f"{url}/api/2/users/me", auth=admin).json()["tenant_id"]
client = requests.post(f"{url}/api/2/clients", auth=admin, json={
    "type": "api_client",
    "tenant_id": tenant_id,
    "token_endpoint_auth_method": "client_secret_basic",
    "data": {"client_name": "My test"},
}).json()

# The API client gets a token and makes calls with it.
token = requests.post(
    f"{url}/api/2/idp/token",
    auth=(client["client_id"], client["client_secret"]),
    data={"grant_type": "client_credentials"},
).json()["access_token"]
tenant = requests.get(f"{url}/api/2/tenants/{tenant_id}", headers={"Authorization": f"Bearer {token}"})
print(tenant.json()["name"])
