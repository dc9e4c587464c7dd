// What a person's client does. Run it with Node: CHAT_URL, and TOKEN, an access token of kwhinnery; CHANNEL, of which that is a member.
import { createClient } from '@fonechat/client'

const { CHAT_URL: url, TOKEN: token, CHANNEL } = process.env
const client = createClient({ url, identity: 'kwhinnery', token: () => token })
const channel = await client.getChannel(CHANNEL)

// #region get the message
const list = channel.messageList()
list.subscribe(() => {
  const newest = list.getSnapshot().rows.at(-1)
  if (newest) console.log(`${newest.authorIdentity} said: ${newest.body}`)
})
await list.loadNewest()
// #endregion

// #region deliver your message
await channel.sendMessage('Draw the owl!')
// #endregion

// #region access chat history
const messages = await channel.getMessages(25)
for (const message of messages.items) console.log('Message: ' + message.body)
// #endregion

// #region register to typing indicator
client.subscribe(() => {
  const { typing } = client.getSnapshot().channels.get(channel.id)
  for (const { identity } of typing) console.log('typing started for ' + identity)
})
// #endregion

await channel.typing()
await client.close()
