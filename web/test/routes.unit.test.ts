import { expect, test } from 'vitest'
import { parsePlaces, placeHref, placesHref, type Place } from '../src/routes.ts'

test('an address says a channel, a message, a thread and a reply in it', () => {
  const places: Place[] = [
    { channel: 'general' },
    { channel: 'Lunch / dinner', index: 42 },
    { channel: 'general', thread: 7 },
    { channel: 'general', thread: 7, index: 9 },
  ]
  for (const place of places) expect(parsePlaces(placeHref(place), '').first).toEqual(place)
  const both = placesHref({ first: places[3]!, second: places[1]! })
  expect(parsePlaces('/chat/general/thread/7/9', both.slice(both.indexOf('?')))).toEqual({
    first: places[3],
    second: places[1],
  })
  expect(parsePlaces('/chat/general/thread/x', '').first).toEqual({ channel: 'general' })
})
