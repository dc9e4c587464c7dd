import type { CodegenPlugin } from '@graphql-codegen/plugin-helpers'
import { Kind, print, stripIgnoredCharacters, visit, type DocumentNode, type FragmentDefinitionNode } from 'graphql'

/**
 * Writes each operation, with the fragments that it uses, as a plain text without ignorable characters. Plain texts are left out of a bundle
 * that does not use them, as objects are not.
 */
export const plugin: CodegenPlugin['plugin'] = (_schema, files) => {
  const definitions = files.flatMap(({ document }) => document?.definitions ?? [])
  const fragments = new Map(
    definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map((node) => [node.name.value, node]),
  )
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const lines = operations.map((operation) => {
    const name = operation.name!.value
    const suffix = operation.operation[0]!.toUpperCase() + operation.operation.slice(1)
    const document = {
      kind: Kind.DOCUMENT,
      definitions: [operation, ...usedFragments(operation, fragments)],
    } as DocumentNode
    const text = JSON.stringify(stripIgnoredCharacters(print(document)))
    return `export const ${name}Document = ${text} as Document<types.${name}${suffix}, types.${name}${suffix}Variables>`
  })
  const prepend = ["import type { Document } from '../document.ts'", "import type * as types from './types.ts'"]
  return { prepend, content: lines.join('\n') }
}

function usedFragments(
  node: DocumentNode['definitions'][number],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(node, {
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value)!
      if (found.has(fragment)) return
      found.add(fragment)
      usedFragments(fragment, fragments, found)
    },
  })
  return found
}
