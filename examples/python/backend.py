"""What a backend does, with nothing but Python: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL."""

import json
import os
from base64 import b64encode
from urllib.parse import urlencode
from urllib.request import Request, urlopen

channel = f"{os.environ['CHAT_URL']}/v1/Services/{os.environ['SERVICE']}/Channels/{os.environ['CHANNEL']}"
credentials = b64encode(f"{os.environ['SID']}:{os.environ['TOKEN']}".encode()).decode()


def create(path, **parameters):
    request = Request(f"{channel}/{path}", urlencode(parameters).encode())
    request.add_header("Authorization", f"Basic {credentials}")
    with urlopen(request, timeout=10) as response:
        return json.load(response)


# region add more channel members
member = create("Members", Identity="kwhinnery")
print(member["identity"])
# endregion

# region send a message
message = create("Messages", Body="MESSAGE")
print(message["body"])
# endregion
