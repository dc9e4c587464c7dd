import { expect, test } from 'vitest'
import { toBoundedJson } from '../../src/model/bounded-json.ts'
import { jsonFault } from '../../src/model/json-text.ts'

const room = 16 * 1024
const read = (text: string) => JSON.parse(text) as Record<string, unknown>

test('what fits is kept as it is, with times as the API writes them, and without what is left out', () => {
  const at = new Date(0)
  const fields = { text: 'é'.repeat(7000), list: [1, null, { deep: [true] }], none: null }
  expect(read(toBoundedJson({ ...fields, at, missing: undefined }, room))).toEqual({ ...fields, at: at.toJSON() })
})

test('what is too long is cut where it is long, and says by how much', () => {
  const ids = Array.from({ length: 1000 }, (_, at) => `CH${String(at).padStart(32, '0')}`)
  expect(read(toBoundedJson({ task: { deleteChannels: { channelIds: ids } }, serviceId: 'IS1' }, room))).toEqual({
    task: { deleteChannels: { channelIds: [...ids.slice(0, 100), '… (cut: 900 more)'] } },
    serviceId: 'IS1',
  })
  const { attributes } = read(toBoundedJson({ attributes: { text: '𝄞'.repeat(5000), more: 1 } }, room))
  expect(attributes).toEqual({ text: expect.stringMatching(/^(𝄞)+… \(cut: 20000 bytes\)$/u), more: 1 })
})

const many = <Value>(count: number, value: (at: number) => Value) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`field ${at}`, value(at)]))

function nested(levels: number): unknown {
  let value: unknown = 'core'
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { value }
  return value
}

const monsters: Readonly<Record<string, Record<string, unknown>>> = {
  'a long text': { text: '\u0001"'.repeat(100_000) },
  'many texts': { values: many(3000, () => 'text'.repeat(100)) },
  'many lists': { values: many(1000, () => Array.from({ length: 1000 }, () => 1)) },
  'many levels': { deep: nested(200_000) },
  'wide levels': { tree: many(12, () => many(12, () => many(12, () => many(12, () => 'leaf')))) },
  'long names': { ['name'.repeat(20_000)]: 1 },
  'many fields': many(60, () => 'x'.repeat(1000)),
}
test.each(Object.entries(monsters))(
  '%s: the whole is bounded, says that it was cut, and is read back',
  (_name, monster) => {
    const text = toBoundedJson(monster, room)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(room)
    expect(text).toMatch(/\(cut: /)
    expect(jsonFault(read(text))).toBeUndefined()
  },
)

test('what Postgres cannot hold is replaced', () => {
  const text = toBoundedJson({ 'a\0b': 'c\0d', half: '\ud83e', ['__proto__']: { x: 1 } }, room)
  expect(text).not.toContain('\\u0000')
  expect(jsonFault(read(text))).toBeUndefined()
  expect(text).toContain('"__proto__":{"x":1}')
})

test('passwords in addresses are left out, cut ones too', () => {
  const long = `https://name:hidden@host/${'x'.repeat(20_000)}`
  const text = toBoundedJson({ urls: ['https://name:hidden@host/path', 'HTTP://hidden@host', long], at: 'a@b' }, room)
  expect(text).not.toContain('hidden')
  expect(text).toContain('https://…@host/path')
  expect(text).toContain('"a@b"')
  const refused = [' https://name:hidden@host', 'ftp://name:hidden@host', 'https://name:/hid#den?/hidden@host/path']
  const kept = ['https://host:8080/@name', 'https://host/@name', 'https://host/?to=a@b']
  expect(read(toBoundedJson({ refused, kept }, room))).toEqual({
    refused: [' https://…@host', 'ftp://…@host', 'https://…@host/path'],
    kept,
  })
})
