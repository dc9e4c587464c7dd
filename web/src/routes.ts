/** What a pane shows: a channel by unique name or id, and the index of a message in it that was jumped to. */
export interface Place {
  readonly channel: string
  /** In a thread that of a reply. */
  readonly index?: number
  /** Index of the message whose thread is open. */
  readonly thread?: number
}

/** The places of the first and of the second pane. */
export interface Places {
  readonly first: Place | null
  readonly second: Place | null
}

/** Reads the address as the browser has it: `/chat/general/42` is the first pane's, `/chat/general/thread/42/45` a reply in a thread of it, `?other=design` the second's. Without it both show the same. */
export function parsePlaces(path: string, search: string): Places {
  const match = /^\/chat\/(.+)$/u.exec(path)
  const first = match ? parsePlace(match[1] ?? '') : null
  const other = new URLSearchParams(search).get('other')
  return { first, second: other === null ? first : parsePlace(other) }
}

/** The address of two places. */
export function placesHref({ first, second }: Places): string {
  const path = first ? `/chat/${placePath(first)}` : '/'
  const isSame = second === null || (first !== null && placePath(first) === placePath(second))
  return isSame ? path : `${path}?${new URLSearchParams({ other: placePath(second) }).toString()}`
}

/** The address that opens one place in each pane. */
export const placeHref = (place: Place): string => placesHref({ first: place, second: null })

/** Where the server keeps its explorer of the API. */
export const graphiqlHref = '/graphql'

function placePath({ channel, index, thread }: Place): string {
  const inThread = thread === undefined ? '' : `/thread/${thread}`
  return `${encodeURIComponent(channel)}${inThread}${index === undefined ? '' : `/${index}`}`
}

function parsePlace(text: string): Place | null {
  const [channel = '', ...rest] = text.split('/')
  if (channel === '') return null
  const thread = rest[0] === 'thread' ? indexOf(rest[1]) : undefined
  const index = indexOf(rest[0] === 'thread' ? rest[2] : rest[0])
  return { channel: decoded(channel), ...(index !== undefined && { index }), ...(thread !== undefined && { thread }) }
}

const indexOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/u.test(text) ? Number(text) : undefined

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
