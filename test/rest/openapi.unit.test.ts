import { expect, test } from 'vitest'
import { createOpenApi } from '../../src/rest/openapi.ts'
import { routes } from '../../src/rest/v1/index.ts'
import { standsAlone } from '../support/description.ts'

/** Every description and summary below a value, by its path. */
function* described(value: unknown, path = ''): Generator<readonly [path: string, text: string]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if ((key === 'description' || key === 'summary') && typeof item === 'string') yield [`${path}/${key}`, item]
    else yield* described(item, `${path}/${key}`)
  }
}

test('every description of the REST API stands alone', () => {
  const all = [...described(createOpenApi(routes)('http://localhost'))]
  expect(all.length).toBeGreaterThan(300)
  expect(all.filter(([, text]) => !standsAlone(text))).toEqual([])
})
