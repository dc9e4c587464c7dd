import dataUrl from 'emojibase-data/en/compact.json?url'
import messagesUrl from 'emojibase-data/en/messages.json?url'
import { type EmojiData } from 'frimousse'

interface CompactEmoji {
  readonly unicode: string
  readonly label: string
  readonly group?: number
  readonly order?: number
  readonly tags?: readonly string[]
}

interface Messages {
  readonly groups: readonly { readonly order: number; readonly message: string }[]
}

/** Parts of other emojis, such as skin tones: nobody picks them. */
const components = 2

/** Reads the emojis from the page's own assets. Throws where they cannot be read; the picker then stays empty. */
export async function resolveEmojis(locale: string, { signal }: { signal?: AbortSignal }): Promise<EmojiData> {
  const limit = AbortSignal.any([AbortSignal.timeout(15_000), ...(signal ? [signal] : [])])
  const [emojis, { groups }] = await Promise.all([
    read<readonly CompactEmoji[]>(dataUrl, limit),
    read<Messages>(messagesUrl, limit),
  ])
  return {
    locale,
    emojis: emojis
      .filter(({ group }) => group !== undefined && group !== components)
      .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
      .map(({ unicode, label, group = 0, tags = [] }) => ({
        emoji: unicode,
        label,
        category: group,
        version: 0,
        tags: [...tags],
      })),
    categories: groups
      .filter(({ order }) => order !== components)
      .map(({ order, message }) => ({ index: order, label: message })),
    skinTones: { light: '', 'medium-light': '', medium: '', 'medium-dark': '', dark: '' },
  }
}

async function read<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`The emojis could not be read: status ${response.status}.`)
  return response.json() as Promise<T>
}
