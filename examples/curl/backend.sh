#!/bin/sh
# What a backend does, with curl: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL.
set -eu

# region add more channel members
curl --fail --silent --max-time 10 -XPOST "$CHAT_URL/v1/Services/$SERVICE/Channels/$CHANNEL/Members" \
  -d "Identity=kwhinnery" \
  -u "$SID:$TOKEN"
# endregion

# region send a message
curl --fail --silent --max-time 10 -XPOST "$CHAT_URL/v1/Services/$SERVICE/Channels/$CHANNEL/Messages" \
  -d "Body=MESSAGE" \
  -u "$SID:$TOKEN"
# endregion
