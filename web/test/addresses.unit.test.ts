import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test } from 'vitest'
import { Router } from 'wouter'
import { useUrl, type Url } from '../src/console/kit/url.ts'
import { placesHref, type Places } from '../src/routes.ts'
import { usePlaces } from '../src/use-places.ts'

/** Names that users, channels and devices can have. */
const names = [
  'a/b%2Fc',
  '100%',
  '%25',
  '%252F',
  '..x',
  '../..',
  '?x#y',
  'a&b=c;d',
  '+1 555',
  ' ',
  ' a ',
  'b\\c',
  '👩‍👩‍👧',
  'שלום',
  'é',
  'ünï',
  '"<b>',
  '~x',
]

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'location')
})

/** What a hook answers at an address, which goes through the parser of URLs as it does in a browser. */
function at<Result>(href: string, use: () => Result, base = ''): Result {
  const results: Result[] = []
  const Reader = (): null => {
    results.push(use())
    return null
  }
  Object.assign(globalThis, { location: new URL(`https://chat.example.com${base}${href}`) })
  renderToString(createElement(Router, { base, children: createElement(Reader) }))
  return results.at(-1)!
}

const consoleAt = (href: string): Url => at(href, useUrl, '/console')

test('a name in an address of the console is read as it was written, also after other parameters have changed', () => {
  for (const name of names) {
    const href = consoleAt(consoleAt('/').with({ service: name })).toThing(name)
    const url = consoleAt(href)
    expect([url.get('name'), url.get('service')]).toEqual([name, name])
    expect(consoleAt(url.with({ open: 'US1' })).get('name')).toBe(name)
    expect(consoleAt(url.to('/users', { q: name })).get('service')).toBe(name)
  }
})

test('a channel in an address of the page is read as it was written, in both panes', () => {
  for (const channel of names) {
    const places: Places = { first: { channel, index: 42 }, second: { channel: `${channel}%`, thread: 7, index: 9 } }
    expect(at(placesHref(places), usePlaces)).toEqual(places)
  }
})
