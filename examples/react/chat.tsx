import { createClient } from '@fonechat/client'
import { ChatProvider } from '@fonechat/client/react'
import { Composer, MessageList } from '@fonechat/client/react/parts'
import { createRoot } from 'react-dom/client'

const token = () => fetch('/token').then((answer) => answer.text())
const client = createClient({ identity: 'alice', token })
const { id } = await client.getChannel('general')
createRoot(document.querySelector('#root')!).render(
  <ChatProvider client={client}>
    <MessageList.Root channelId={id} />
    <Composer.Root channelId={id} />
  </ChatProvider>,
)
