import type { Message } from '../../model/message.ts'
import type { Phrase, SearchQuery } from '../../model/search-query.ts'
import type { Tokenizer } from '../../model/search-text.ts'
import { isWord, pickSimilar, similarTo } from '../../model/search-words.ts'
import type { ChannelId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { readKnownWords, readSimilarWords } from '../../store/search-words.ts'
import { Pacer } from '../moderation/pacer.ts'

/** A query of more words has none corrected, and neither has one of which more are unknown. */
const maxWords = 8
const maxUnknown = 3

/** What is read for one word: channels, buckets of words, and bytes of those that may have similar ones. */
const maxChannels = 1000
const maxBuckets = 5000
const maxBytes = 1024 * 1024

/**
 * The query with similar words beside those that none of the channels has; undefined when there are none. What is in quotation marks or excluded
 * stays. Words may be of messages that nobody sees any more, so they are for finding messages and not for showing.
 *
 * The channels are those that the caller may search, the newest first, and the messages those of them that are not indexed.
 */
export async function correctQuery(
  db: Db,
  query: SearchQuery,
  channelIds: readonly ChannelId[],
  messages: readonly Message[],
  tokenizer: Tokenizer,
): Promise<SearchQuery | undefined> {
  const asked = new Set(query.wanted.filter(({ isQuoted }) => !isQuoted).flatMap(({ tokens }) => tokens.flat()))
  const words = [...asked].filter(isWord)
  if (words.length === 0 || asked.size > maxWords) return undefined
  const channels = channelIds.slice(0, maxChannels)
  const unindexed = await wordsOf(messages, tokenizer)
  const known = new Set(await readKnownWords(db, channels, words))
  const unknown = words.filter((word) => !known.has(word) && !unindexed.has(word))
  if (unknown.length === 0 || unknown.length > maxUnknown) return undefined
  const begun = new Set(query.wanted.filter(({ isPrefix }) => isPrefix).map(({ tokens }) => tokens.at(-1)![0]!))
  const instead = new Map<string, readonly string[]>()
  for (const word of unknown) {
    const asking = similarTo(word)
    if (!asking) continue
    const read = await readSimilarWords(db, channels, asking, maxBuckets, maxBytes)
    const others = [...read, ...unindexed]
    if (begun.has(word) && others.some((other) => other.startsWith(word))) continue
    const similar = pickSimilar(asking, others)
    if (similar.length > 0) instead.set(word, [word, ...similar])
  }
  if (instead.size === 0) return undefined
  const correct = (phrase: Phrase): Phrase =>
    phrase.isQuoted ? phrase : { ...phrase, tokens: phrase.tokens.map((texts) => instead.get(texts[0]!) ?? texts) }
  return { ...query, wanted: query.wanted.map(correct) }
}

async function wordsOf(messages: readonly Message[], tokenizer: Tokenizer): Promise<Set<string>> {
  const pacer = new Pacer()
  const words = new Set<string>()
  for (const { body } of messages) {
    if (pacer.isDue) await pacer.pause()
    for (const { text } of tokenizer.tokenize(body)) if (isWord(text)) words.add(text)
  }
  return words
}
