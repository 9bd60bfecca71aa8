#!/usr/bin/env bash
# Creates an API client, gets a token and reads a tenant. Needs curl and jq.
set -euo pipefail
url=${1:-http://127.0.0.1:8080}

# The administrator signs in and creates an API client.
tenant=$(curl -sf -u admin:secret "$url/api/2/users/me" | jq -r .tenant_id)
client=$(curl -sf -u admin:secret "$url/api/2/clients" --json '{
    "type": "api_client",
    "tenant_id": "'"$tenant"'",
    "token_endpoint_auth_method": "client_secret_basic",
    "data": { "client_name": "My test" }
}' | jq -r '.client_id + ":" + .client_secret')

# The API client gets a token and makes calls with it.
token=$(curl -sf -u "$client" -d grant_type=client_credentials "$url/api/2/idp/token" | jq -r .access_token)
curl -sf -H "Authorization: Bearer $token" "$url/api/2/tenants/$tenant" | jq -r .name
