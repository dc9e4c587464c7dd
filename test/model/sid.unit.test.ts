import { expect, test } from 'vitest'
import { isSid, newSid, sidPrefixes, sidToUuid, uuidToSid, type ChannelId } from '../../src/model/sid.ts'

test('a SID is its prefix and 32 hex digits, and no other kind of SID', () => {
  const prefixes = Object.values(sidPrefixes)
  for (const prefix of prefixes) {
    const sid = newSid(prefix)
    expect(sid).toMatch(/^[A-Z]{2}[0-9a-f]{32}$/)
    expect(prefixes.filter((other) => isSid(other, sid))).toEqual([prefix])
  }
})

test('what only looks like a SID is none', () => {
  const sid = newSid('CH')
  const wrong = ['', 'CH', sid.toUpperCase(), sid.toLowerCase(), `${sid}0`, sid.slice(0, -1), ` ${sid}`, `${sid}\n`]
  for (const text of [...wrong, sid.replace(/.$/, 'g'), sid.replace(/.$/, '\0'), uuidToSid('IM', sidToUuid(sid))]) {
    expect([text, isSid('CH', text)]).toEqual([text, false])
  }
})

test('SIDs of one process sort by the time they were made', () => {
  const sids = Array.from({ length: 1000 }, () => newSid('IM'))
  expect(sids.toSorted()).toEqual(sids)
  expect(new Set(sids).size).toBe(1000)
})

test('a SID and its column value stand for each other', () => {
  const sid = newSid('MB')
  expect(uuidToSid('MB', sidToUuid(sid))).toBe(sid)
  expect(uuidToSid('MB', '01a2060f-a6ed-710a-b31d-cedfded4671f')).toBe('MB01a2060fa6ed710ab31dcedfded4671f')
})

test('what takes a channel’s id takes no other’s, nor a text that nobody has checked', () => {
  const ofChannel = (id: ChannelId): ChannelId => id
  const text: string = newSid('CH')
  // @ts-expect-error: a message's
  expect(ofChannel(newSid('IM'))).toMatch(/^IM/)
  // @ts-expect-error: any text
  expect(ofChannel(text)).toBe(text)
  expect(isSid('CH', text) && ofChannel(text)).toBe(text)
})
