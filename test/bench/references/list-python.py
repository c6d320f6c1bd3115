# The list with Python's own HTTP client over one connection, as one JSON object a line.
import http.client
import json
import sys
from urllib.parse import urlsplit

connection = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc)
path = "/iam/v2/invitations?page_size=100"
while path:
    connection.request("GET", path, headers={"authorization": "Basic a2V5OnNlY3JldA=="})
    page = json.loads(connection.getresponse().read())
    sys.stdout.write("".join(json.dumps(row) + "\n" for row in page["data"]))
    path = page["metadata"].get("next")
