import json
import os

from flask import Flask, request

app = Flask(__name__)


def process_message(message, to, from_):
    with open(os.environ["RECEIVED"], "a") as received:
        received.write(json.dumps({"message": message, "to": to, "from": from_}) + "\n")


@app.route("/ip-msg-webhook")
def ipm_webhook():
    if request.args.get("trigger") == "onMessageSend":
        message = request.args.get("message")
        to = request.args.get("to")
        from_ = request.args.get("from")
        process_message(message, to, from_)

    return "received message"


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
