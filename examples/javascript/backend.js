// What a backend does, with the package `twilio`: CHAT_URL, SID and TOKEN of the account, SERVICE, and CHANNEL.
import twilio from 'twilio'

const { CHAT_URL, SID, TOKEN, SERVICE, CHANNEL } = process.env
const client = twilio(SID, TOKEN)
client.chat.baseUrl = CHAT_URL
const service = client.chat.v1.services(SERVICE)

// #region add more channel members
const member = await service.channels(CHANNEL).members.create({ identity: 'kwhinnery' })
console.log(member.identity)
// #endregion

// #region send a message
const message = await service.channels(CHANNEL).messages.create({ body: 'MESSAGE' })
console.log(message.body)
// #endregion
