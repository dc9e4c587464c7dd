import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import {
  ChatProvider,
  useChannel,
  useChannelHandle,
  useChannelList,
  useConnection,
  useDeliveries,
  useMessages,
  useNotifications,
  useOutbox,
  usePresence,
  useSelection,
  useSession,
  useTyping,
  useUnread,
} from '../../src/react/index.ts'

function Everything() {
  useNotifications(() => {})
  const known = {
    channel: useChannel('CH1'),
    handle: useChannelHandle('CH1').id,
    list: useChannelList().rows,
    connection: useConnection().status,
    deliveries: useDeliveries('CH1'),
    messages: useMessages('CH1').rows,
    outbox: useOutbox('CH1'),
    presence: usePresence('alice'),
    selected: useSelection(({ channels }) => [...channels.keys()]),
    session: useSession(),
    typing: useTyping('CH1'),
    unread: useUnread().messages,
  }
  return createElement('pre', null, JSON.stringify(known))
}

test('a server renders what is known before anything is, without a client', () => {
  const html = renderToString(createElement(ChatProvider, { client: null }, createElement(Everything)))
  const known = {
    handle: 'CH1',
    list: [],
    connection: 'connecting',
    deliveries: [],
    messages: [],
    outbox: [],
    selected: [],
    session: null,
    typing: [],
    unread: 0,
  }
  expect(html).toBe(`<pre>${JSON.stringify(known).replaceAll('"', '&quot;')}</pre>`)
})

test('a hook outside of a provider says what to do', () => {
  expect(() => renderToString(createElement(Everything))).toThrow('wrap the component in <ChatProvider')
})

/** What React 18 has of what hooks and parts may use. */
const names = new Set(
  (
    'createContext forwardRef memo cloneElement createElement isValidElement useCallback useContext useEffect useId useImperativeHandle useLayoutEffect useMemo useReducer ' +
    'useRef useState useSyncExternalStore'
  ).split(' '),
)

test('each file of hooks and parts is for clients, and uses what React 18 has', async () => {
  const folder = fileURLToPath(new URL('../../src/react', import.meta.url))
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.tsx?$/.test(name))
  expect(files.length).toBeGreaterThan(15)
  const complaints: string[] = []
  for (const name of files) {
    const text = await readFile(join(folder, name), 'utf8')
    // An index only names what stands elsewhere.
    const isIndex = /(^|\/)(index|virtual)(\.parts)?\.ts$/.test(name)
    if (!isIndex && !text.startsWith("'use client'\n")) complaints.push(`${name}: no 'use client'`)
    const imported = /^import \{([^}]*)\} from 'react'/m.exec(text)?.[1]?.split(',') ?? []
    for (const one of imported.map((each) => each.trim())) {
      if (one !== '' && !one.startsWith('type ') && !names.has(one)) complaints.push(`${name}: ${one}`)
    }
  }
  expect(complaints).toEqual([])
})
