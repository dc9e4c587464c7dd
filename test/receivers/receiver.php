<?php
function processMessage($message, $to, $from) {
  $line = json_encode(['message' => $message, 'to' => $to, 'from' => $from]);
  file_put_contents(getenv('RECEIVED'), $line . "\n", FILE_APPEND);
}

if ($_GET['trigger'] == 'onMessageSend') {
  processMessage($_GET['message'], $_GET['to'], $_GET['from']);
}
echo "received message";
