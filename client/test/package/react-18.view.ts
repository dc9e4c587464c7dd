// Of a project that has installed the packed client and React 18. It runs in Node too, which takes no JSX.
import type { Client } from '@fonechat/client'
import { ChatProvider, useConnection, usePresence, useSelection } from '@fonechat/client/react'
import { ChannelList, Composer, MessageList, People } from '@fonechat/client/react/parts'
import { createElement, StrictMode, type ReactElement } from 'react'

function Status() {
  const { status } = useConnection()
  const presence = usePresence('bob')
  // A new list each time.
  const ids = useSelection(({ channels }) => [...channels.keys()])
  const words = [status, ids.length > 0 ? 'channels' : 'no channels', presence ? 'presence' : 'no presence']
  return createElement('p', { id: 'status' }, words.join(', '))
}

const list = (channelId: string): ReactElement =>
  createElement(
    MessageList.Root,
    { channelId },
    createElement(MessageList.Scroller, { style: { height: 300 } }),
    createElement(MessageList.Jump, { render: createElement('button') }),
    createElement(MessageList.Announcer),
  )

/** The hooks and all parts, of a channel that bob is in. */
export const view = (client: Client | null, channelId: string): ReactElement =>
  createElement(
    StrictMode,
    null,
    createElement(
      ChatProvider,
      { client },
      createElement(Status),
      createElement(ChannelList.Root, { activeId: channelId, onChoose: () => {} }),
      list(channelId),
      createElement(Composer.Root, { id: 'composer', channelId }),
      createElement(People.Root, { channelId }),
    ),
  )
