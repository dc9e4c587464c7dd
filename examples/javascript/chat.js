// What a person's client does. Run it with Node: CHAT_URL, and TOKEN, an access token of kwhinnery; CHANNEL, of which that is a member.
import { createClient } from '@fonechat/client'

const { CHAT_URL: url, TOKEN: token, CHANNEL } = process.env
const client = createClient({ url, identity: 'kwhinnery', token: () => token })
const channel = await client.getChannel(CHANNEL)

const heard = new Promise((resolve) => channel.on('messageAdded', resolve))

// #region get the message
channel.on('messageAdded', (message) => {
  console.log(`${message.author} said: ${message.body}`)
})
// #endregion

// #region deliver your message
await channel.sendMessage('Draw the owl!')
// #endregion

// #region access chat history
const messages = await channel.getMessages(25)
for (const message of messages) console.log('Message: ' + message.body)
// #endregion

// #region register to typing indicator
channel.on('typingStarted', (member) => {
  console.log('typing started for ' + member.identity)
})
// #endregion

await channel.typing()
await heard
await client.close()
