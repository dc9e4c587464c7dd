<?php
// What a backend does, with nothing but PHP: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL.
function create(string $path, array $parameters): array
{
    $url = getenv('CHAT_URL') . '/v1/Services/' . getenv('SERVICE') . '/Channels/' . getenv('CHANNEL') . "/$path";
    $credentials = base64_encode(getenv('SID') . ':' . getenv('TOKEN'));
    $answer = file_get_contents($url, false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => "Authorization: Basic $credentials\r\nContent-Type: application/x-www-form-urlencoded",
        'content' => http_build_query($parameters),
        'timeout' => 10,
    ]]));
    if ($answer === false) exit(1);
    return json_decode($answer, true);
}

// region add more channel members
$member = create('Members', ['Identity' => 'kwhinnery']);
print $member['identity'] . "\n";
// endregion

// region send a message
$message = create('Messages', ['Body' => 'MESSAGE']);
print $message['body'] . "\n";
// endregion
